import { isUnclear } from "../core/twilio/errors";
import type { Twilio } from "../core/twilio/twilio";

/** Detaches a number's emergency address, because Twilio does not release a number that is registered for emergency calls. */
export async function detachEmergencyAddress(id: string, twilio: Twilio): Promise<void> {
  const number = {
    attempt: `Cannot detach the emergency address of PhoneNumber ${id}`,
    product: "api",
    path: `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers/${id}.json`,
  } as const;
  const isAttached = async () => Boolean((await twilio.send({ ...number, method: "get" }))?.emergency_address_sid);
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
