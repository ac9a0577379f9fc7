/** Addresses (AD): who is responsible for a number, and where. Twilio corrects their text, and keeps those that a number needs. */
import { rfc2822Date } from "../dates";
import type { Scope } from "../domain";
import { fail, invalidParameter } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import type { Call } from "../http/router";
import { inAccount } from "./account";
import { type AddressRecord, type AddressText, addressTable } from "./address-table";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";
import { type IncomingNumberRecord, numberBody, numberTable } from "./incoming-number";

const REQUIRED = ["CustomerName", "Street", "City", "Region", "PostalCode"];

function readText(params: Params): Partial<AddressText> {
  return given<AddressText>({
    street: params.text("Street"),
    streetSecondary: params.nullable("StreetSecondary"),
    city: params.text("City"),
    region: params.text("Region"),
    postalCode: params.text("PostalCode"),
  });
}

/** The words that a post office shortens, as an example of what Twilio corrects. */
const SHORT: Record<string, string> = { street: "St", avenue: "Ave", road: "Rd", boulevard: "Blvd", suite: "Ste", floor: "Fl" };

const inWords = (text: string) =>
  text
    .trim()
    .replace(/\s+/g, " ")
    .replace(/\p{L}+/gu, (word) => SHORT[word.toLowerCase()] ?? word);

/** How the post office writes an address in North America. Elsewhere, the emulator corrects nothing. */
function corrected(text: AddressText, isoCountry: string): AddressText {
  if (isoCountry !== "US" && isoCountry !== "CA") return text;
  const { street, streetSecondary, city, region, postalCode } = text;
  return {
    street: inWords(street),
    streetSecondary: streetSecondary === null ? null : inWords(streetSecondary),
    city: city.trim(),
    region: region.trim().toUpperCase(),
    postalCode: postalCode.trim().toUpperCase(),
  };
}

function stored(text: AddressText, isoCountry: string, params: Params): AddressText {
  const suggestion = corrected(text, isoCountry);
  if (params.boolean("AutoCorrectAddress") !== false) return suggestion;
  const wrong = (Object.keys(text) as (keyof AddressText)[]).find((key) => text[key] !== suggestion[key]);
  if (wrong) throw fail(21629, { suggestion: Object.values(suggestion).filter(Boolean).join(", ") });
  return text;
}

function readName(params: Params, isForEmergencies: boolean): string | null | undefined {
  const name = params.nullable("FriendlyName");
  return name ? checkLength(name, isForEmergencies ? 32 : 64, 20002) : name;
}

function checkCountry(isoCountry: string): void {
  if (!/^[A-Z]{2}$/.test(isoCountry)) throw invalidParameter("IsoCountry", isoCountry);
}

function createAddress({ scope, params }: Call): AddressRecord {
  for (const name of [...REQUIRED, "IsoCountry"]) if (!params.text(name)) throw invalidParameter(name, "");
  const isoCountry = params.text("IsoCountry") as string;
  checkCountry(isoCountry);
  const emergencyEnabled = params.boolean("EmergencyEnabled") ?? false;
  const text = { streetSecondary: null, ...readText(params) } as AddressText;
  return addressTable.insert(scope, {
    ...stored(text, isoCountry, params),
    isoCountry,
    emergencyEnabled,
    customerName: params.text("CustomerName") as string,
    friendlyName: readName(params, emergencyEnabled) ?? null,
  });
}

function updateAddress(address: AddressRecord, { scope, params }: Call): AddressRecord {
  const empty = REQUIRED.find((name) => params.text(name) === "");
  if (empty) throw invalidParameter(empty, "");
  const emergencyEnabled = params.boolean("EmergencyEnabled");
  // Checked also if there is nothing to correct.
  params.boolean("AutoCorrectAddress");
  const isForEmergencies = emergencyEnabled ?? address.emergencyEnabled;
  const { street, streetSecondary, city, region, postalCode } = address;
  const sent = readText(params);
  const text = { street, streetSecondary, city, region, postalCode, ...sent };
  const changes = given<AddressRecord>({
    customerName: params.text("CustomerName"),
    friendlyName: readName(params, isForEmergencies),
    emergencyEnabled,
  });
  const isSent = Object.keys(sent).length > 0;
  return addressTable.update(scope, address, { ...changes, ...(isSent ? stored(text, address.isoCountry, params) : {}) });
}

const meets = ({ addressRequirements, isoCountry }: IncomingNumberRecord, address: AddressRecord): boolean =>
  addressRequirements === "any" || (addressRequirements === "local") === (address.isoCountry === isoCountry);

/** The numbers that name an address and whose requirement no other address of the account meets. */
function dependentNumbers(scope: Scope, address: AddressRecord): IncomingNumberRecord[] {
  const others = addressTable
    .in(scope.domain)
    .by.account(address.accountSid)
    .filter((other) => other.sid !== address.sid);
  const numbers = numberTable.in(scope.domain).by.account(address.accountSid);
  return numbers.filter(
    (number) => number.addressSid === address.sid && number.addressRequirements !== "none" && !others.some((other) => meets(number, other)),
  );
}

function removeAddress(address: AddressRecord, { scope }: Call): void {
  if (dependentNumbers(scope, address).length > 0) throw fail(21625);
  addressTable.remove(scope, address);
}

/** Filters are exact. */
function listAddresses({ scope, params }: Call): AddressRecord[] {
  const [customerName, friendlyName, isoCountry] = ["CustomerName", "FriendlyName", "IsoCountry"].map((name) => params.text(name));
  if (isoCountry) checkCountry(isoCountry);
  const emergencyEnabled = params.boolean("EmergencyEnabled");
  return addressTable
    .in(scope.domain)
    .by.account(scope.accountSid)
    .filter((address) => !customerName || address.customerName === customerName)
    .filter((address) => !friendlyName || address.friendlyName === friendlyName)
    .filter((address) => !isoCountry || address.isoCountry === isoCountry)
    .filter((address) => emergencyEnabled === undefined || address.emergencyEnabled === emergencyEnabled);
}

const addressBody = (address: AddressRecord) => ({
  sid: address.sid,
  account_sid: address.accountSid,
  customer_name: address.customerName,
  friendly_name: address.friendlyName,
  street: address.street,
  street_secondary: address.streetSecondary,
  city: address.city,
  region: address.region,
  postal_code: address.postalCode,
  iso_country: address.isoCountry,
  emergency_enabled: address.emergencyEnabled,
  validated: false,
  verified: false,
  date_created: rfc2822Date(address.dateCreated),
  date_updated: rfc2822Date(address.dateUpdated),
  uri: `/2010-04-01/Accounts/${address.accountSid}/Addresses/${address.sid}.json`,
});

/** The number as this list has it: without what is newer than the list, and with other names of the capabilities. */
function dependentBody(number: IncomingNumberRecord) {
  const { beta, origin, status, address_sid, identity_sid, bundle_sid, voice_receive_mode, emergency_address_status, ...body } = numberBody(
    number,
    { withType: false },
  );
  const { voice, sms, mms } = number.capabilities;
  return { ...body, capabilities: { Voice: voice, SMS: sms, MMS: mms } };
}

export const addressEndpoints: Endpoints = {
  tables: [addressTable],
  routes: {
    api: [
      ...crudRoutes(inAccount, {
        path: "/Addresses",
        id: "AddressSid",
        key: "addresses",
        list: listAddresses,
        body: addressBody,
        create: createAddress,
        fetch: ({ scope }, sid) => addressTable.fetch(scope, sid),
        update: updateAddress,
        remove: removeAddress,
      }),
      ...inAccount.route("GET", "/Addresses/{AddressSid}/DependentPhoneNumbers.json", (call) => {
        const rows = dependentNumbers(call.scope, addressTable.fetch(call.scope, call.part("AddressSid")));
        return inAccount.list(call, { key: "dependent_phone_numbers", rows, body: dependentBody });
      }),
    ],
  },
};
