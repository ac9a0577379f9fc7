import { isUnclear } from "../core/twilio/errors";
import { verifyNames } from "../core/twilio/response";
import type { Twilio } from "../core/twilio/twilio";

/** Detaches a number's emergency address, because Twilio does not release a number that is registered for emergency calls. */
export async function detachEmergencyAddress(id: string, twilio: Twilio): Promise<void> {
  const number = {
    attempt: `Cannot detach the emergency address of PhoneNumber ${id}`,
    product: "api",
    path: `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers/${id}.json`,
  } as const;
  const isAttached = async () => {
    const body = await twilio.send({ ...number, method: "get" });
    if (body) verifyNames(body, { sid: id, account_sid: twilio.accountSid }, number.attempt, true);
    return Boolean(body?.emergency_address_sid);
  };
  const detach = () => twilio.send({ ...number, method: "post", form: { EmergencyAddressSid: "" } });
  if (!(await isAttached())) return;
  try {
    await detach();
  } catch (error) {
    if (!isUnclear(error)) throw error;
    // Detaching twice does no harm, but may not be needed.
    if (await isAttached()) await detach();
  }
}
