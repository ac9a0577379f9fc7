import { isUnclear } from "../core/twilio/errors";
import type { Twilio } from "../core/twilio/twilio";

/** Twilio gives up no number that is registered for emergency calls, whoever registered it: the address goes first. */
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
    // The answer was lost; twice does no harm, but an address that is gone need not be taken away.
    if (!isUnclear(error)) throw error;
    if (await isAttached()) await detach();
  }
}
