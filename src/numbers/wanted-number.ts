import type { Resolved } from "../core/lifecycle/define";
import type { NumberSearch } from "./search-args";

/** The type of a number's resource. */
export const phoneNumberType = "twilio/numbers:PhoneNumber";

/** How a program declares a number, as far as its purchase is concerned. In a preview, a value may be Pulumi's mark for "not known yet". */
export interface WantedNumber {
  readonly phoneNumber?: string;
  readonly areaCode?: string;
  readonly search?: Resolved<NumberSearch>;
  readonly adopt?: string;
  readonly friendlyName?: string;
  readonly addressSid?: string;
  readonly bundleSid?: string;
}
