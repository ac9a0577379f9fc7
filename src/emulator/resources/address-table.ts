/** The table of addresses (AD). Numbers name them, and addresses are kept while a number needs them. */
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";

export interface AddressText {
  street: string;
  streetSecondary: string | null;
  city: string;
  region: string;
  postalCode: string;
}

export interface AddressRecord extends Base, AddressText {
  customerName: string;
  isoCountry: string;
  friendlyName: string | null;
  emergencyEnabled: boolean;
}

export const addressTable = defineTable<AddressRecord>()({
  name: "addresses",
  sidPrefix: "AD",
  indexes: { account: (address) => address.accountSid },
});

/** Throws unless the account has the address. */
export function requireAddress({ domain }: Scope, accountSid: string, sid: string): void {
  if (addressTable.in(domain).get(sid)?.accountSid !== accountSid) throw fail(21651, { sid });
}
