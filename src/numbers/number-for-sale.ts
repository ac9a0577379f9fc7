import type { Inquiry, Referent } from "../core/lifecycle/definition";
import { UsageError } from "../core/twilio/errors";
import type { Body } from "../core/twilio/twilio";
import { ownNumber, plannedKey, releasedKey } from "./account-number";
import { warnOfRegulation } from "./regulation";
import type { WantedNumber } from "./wanted-number";

// Where one calling code is one country in which Twilio sells numbers.
const countries: Readonly<Record<string, string>> = {
  ...{ "31": "NL", "32": "BE", "33": "FR", "34": "ES", "36": "HU", "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK" },
  ...{ "46": "SE", "47": "NO", "48": "PL", "49": "DE", "52": "MX", "55": "BR", "56": "CL", "57": "CO", "60": "MY", "61": "AU", "62": "ID" },
  ...{
    "63": "PH",
    "64": "NZ",
    "65": "SG",
    "66": "TH",
    "81": "JP",
    "351": "PT",
    "353": "IE",
    "358": "FI",
    "420": "CZ",
    "852": "HK",
    "972": "IL",
  },
};
const tollFree = /^\+18(00|33|44|55|66|77|88)/;
// Area codes of other countries within +1.
const elsewhere = /^\+1(242|246|264|268|284|340|345|441|473|649|658|664|670|671|684|721|758|767|784|787|809|829|849|868|869|876|939)/;

const collection = ({ context }: Inquiry) => `/2010-04-01/Accounts/${context.twilio.accountSid}/AvailablePhoneNumbers`;

/** The searches that would find a number if it were for sale; `undefined` where that is not known. */
async function searchesFor(number: string, inquiry: Inquiry): Promise<string[] | undefined> {
  const all = collection(inquiry);
  if (number.startsWith("+1")) {
    if (elsewhere.test(number)) return undefined;
    const type = tollFree.test(number) ? "TollFree" : "Local";
    return ["US", "CA"].map((country) => `${all}/${country}/${type}.json`);
  }
  const code = [3, 2].map((digits) => number.slice(1, 1 + digits)).find((prefix) => countries[prefix] !== undefined);
  const country = code && (await inquiry.ask({ product: "api", path: `${all}/${countries[code]}.json` }));
  const searches = country && (country.subresource_uris as Record<string, string> | undefined);
  return searches ? Object.values(searches) : undefined;
}

/** The type of number that a search is for, as Twilio names it elsewhere: `/AU/TollFree.json` is for `toll-free`. */
const typeOf = (search: string): string =>
  (/\/(\w+)\.json$/.exec(search)?.[1] ?? "").replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/** A number that a program wants to buy by naming it. */
export const numberForSale: Referent = {
  async refusal(number, inquiry) {
    if (inquiry.context.notes.read(releasedKey(number)) !== undefined || (await ownNumber(number, inquiry)) !== "none") return undefined;
    let wasSearched = false;
    for (const path of (await searchesFor(number, inquiry)) ?? []) {
      const page = await inquiry.ask({ product: "api", path, query: { Contains: number.slice(1) } });
      // The country has no numbers of this type.
      if (page === undefined) continue;
      if (!Array.isArray(page.available_phone_numbers)) return undefined;
      const offer: Body | undefined = page.available_phone_numbers.find((one: Body) => one.phone_number === number);
      if (offer && lacksAddress(inquiry.inputs, offer)) return addressRule(offer);
      if (offer) {
        inquiry.context.notes.write(plannedKey(number), {});
        await warnOfRegulation(inquiry.inputs, typeOf(path), offer, inquiry.context);
        return undefined;
      }
      wasSearched = true;
    }
    if (!wasSearched) return undefined;
    return (
      "must be a number that Twilio offers; it does not offer this one: choose another, or declare `search` in its place. A number that the " +
      "account released within the last ten days is not offered, but can be bought: for that, set twilio:previewLookups to false"
    );
  },
};

/** Of offers, the first that Twilio sells with what the program declares. Throws where each of them requires an address. */
export function firstUsable(news: WantedNumber, offers: readonly Body[]): Body | undefined {
  const usable = offers.find((offer) => !lacksAddress(news, offer));
  if (usable === undefined && offers[0] !== undefined) throw new UsageError(addressRule(offers[0]), "addressSid");
  return usable;
}

/** Whether Twilio requires an address (21631) and the program declares none. */
const lacksAddress = ({ addressSid, bundleSid }: { readonly addressSid?: unknown; readonly bundleSid?: unknown }, offer: Body): boolean =>
  (offer.address_requirements ?? "none") !== "none" && addressSid === undefined && bundleSid === undefined;

const addressRule = ({ address_requirements: kind }: Body): string =>
  `requires an address${kind === "any" ? "" : ` (${kind})`}, which Twilio asks for with this number: declare an Address and ` +
  "pass it as `addressSid`, or declare other conditions";
