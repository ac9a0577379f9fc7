import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Context, Definition } from "../core/lifecycle/definition";
import { matching, text } from "../core/lifecycle/formats";
import { formName } from "../core/lifecycle/names";
import { get } from "../core/lifecycle/props";
import { createForm } from "../core/lifecycle/wire";
import { resourceClass } from "../core/registration/resource";
import { TwilioError, UsageError } from "../core/twilio/errors";
import { addressFacts } from "./address-facts";

/**
 * Arguments of an {@link Address}. Twilio may store a corrected text of `street`, `streetSecondary`, `city`, `region` and `postalCode`. That is no
 * drift: the program's text is compared with the one that it sent last, and Twilio's with the one that Twilio stored then.
 *
 * @see https://www.twilio.com/docs/usage/api/address
 */
export interface AddressArgs extends CommonArgs {
  /** The person or company at the address, up to 21 characters (16 where they are emoji or the like). Updated in place. */
  customerName: Input<string>;
  /** Number and street. Updated in place, together with the other texts of the address. */
  street: Input<string>;
  /** Suite, floor or the like. Updated in place; removing it clears it. */
  streetSecondary?: Input<string> | undefined;
  /** City. Updated in place. */
  city: Input<string>;
  /** State or region: `CA`. Updated in place. */
  region: Input<string>;
  /** Postal code. Updated in place. */
  postalCode: Input<string>;
  /** ISO 3166 country code, `US`. A change replaces: the new address is created first. */
  isoCountry: Input<string>;
  /** Name in the Console, up to 64 characters; up to 32 with `emergencyEnabled`. Updated in place; removing it clears it. */
  friendlyName?: Input<string> | undefined;
  /** Whether numbers can use it for emergency calls, through their `emergencyAddressSid`. Default: `false`. Updated in place. */
  emergencyEnabled?: Input<boolean> | undefined;
  /**
   * Whether Twilio may correct the texts. With `false`, it stores them as they are, or refuses them where the country requires a correction
   * (21629); the error shows its suggestion. Default: `true`. A change sends the address again.
   */
  autoCorrectAddress?: Input<boolean> | undefined;
}

/** What Twilio adds to an {@link Address}. */
export interface AddressOutputs {
  /** `AD` and 32 hex digits: what numbers take as `addressSid`. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** Whether Twilio has found that the address exists, as some countries require; `false` elsewhere. */
  validated: boolean;
  /** Whether a document proves the address, as some countries require; `false` elsewhere. */
  verified: boolean;
}

/** What Twilio reads as one address. */
const texts = ["street", "streetSecondary", "city", "region", "postalCode", "autoCorrectAddress"];
const line = (max = 256) => ({ required: true, format: text({ min: 1, max }) }) as const;
const corrected = { type: "corrected", ...line() } as const;

/** @internal */
export const address: Definition = define<AddressArgs, AddressOutputs>({
  type: "twilio/numbers:Address",
  product: "api",
  sid: "AD",
  path: (_parents, account) => `/2010-04-01/Accounts/${account}/Addresses`,
  // Not by the texts: Twilio may have corrected them.
  list: { key: "addresses", by: ["customerName", "isoCountry", "friendlyName"], name: "friendlyName", allowsDuplicates: () => true },
  facts: addressFacts,
  fields: {
    customerName: line(21),
    street: corrected,
    streetSecondary: { type: "corrected", format: text({ max: 256 }) },
    city: corrected,
    region: corrected,
    postalCode: corrected,
    isoCountry: { required: true, createOnly: true, format: matching(/^[A-Z]{2}$/, 'an ISO 3166 country code in capitals, like "US"') },
    friendlyName: { format: text({ max: 64 }) },
    emergencyEnabled: { type: "boolean", computed: true, cleared: "false" },
    autoCorrectAddress: { type: "boolean", from: false, cleared: "true" },
  },
  outputs: { validated: "validated", verified: "verified" },

  validate: ({ friendlyName, emergencyEnabled }) =>
    emergencyEnabled === true && [...(friendlyName ?? "")].length > 32
      ? [{ property: "friendlyName", reason: "must have at most 32 characters, because `emergencyEnabled` is true" }]
      : [],

  // An address is corrected as a whole, and according to this request alone.
  updateForm(form, news) {
    const keys = texts.map(formName);
    if (!keys.some((key) => key in form)) return form;
    const all = createForm(address, news);
    return { ...Object.fromEntries(keys.filter((key) => key in all).map((key) => [key, all[key] as string])), ...form };
  },

  beforeDelete: async (id, _props, context) => {
    const numbers = await dependentNumbers(id, context);
    if (numbers.length === 0) return undefined;
    throw new UsageError(
      `Address ${id} is the only one that meets the requirements of ${numbers.join(", ")}, and Twilio does not delete such an address (21625). ` +
        'Nothing was deleted. Release these numbers first (a PhoneNumber does so with onDelete: "release"), or declare another address in the ' +
        'same country and pass it as their `addressSid`; or keep this one with onDelete: "retain".',
    );
  },
});

/** The numbers that need this address. A key that may not read them leaves the decision to Twilio. */
async function dependentNumbers(id: string, { twilio }: Context): Promise<string[]> {
  const path = `/2010-04-01/Accounts/${twilio.accountSid}/Addresses/${id}/DependentPhoneNumbers.json`;
  const attempt = `Cannot list the numbers that need Address ${id}`;
  try {
    const page = await twilio.send({ attempt, product: "api", method: "get", path, query: { PageSize: "50" } });
    const found = get(page, "dependent_phone_numbers");
    return Array.isArray(found) ? found.map((one) => `${one.phone_number} (${one.sid})`) : [];
  } catch (error) {
    if (error instanceof TwilioError && [401, 403].includes(error.status)) return [];
    throw error;
  }
}

/**
 * A postal address of the account. Some countries require one for their numbers, and a number for emergency calls has one. Twilio does not delete an
 * address while a number needs it.
 *
 * @example
 * const office = new Address("office", {
 *   customerName: "My Shop", street: "4 Main Street", city: "San Francisco", region: "CA", postalCode: "94105", isoCountry: "US",
 * });
 * new PhoneNumber("desk", { search: { country: "DE", type: "local" }, addressSid: office });
 *
 * @see https://www.twilio.com/docs/usage/api/address
 */
export class Address extends resourceClass<AddressArgs, AddressOutputs>(address) {}
