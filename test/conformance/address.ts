import { Address, type AddressArgs } from "../../src/index";
import { address } from "../../src/numbers/address";
import { fetchOrUndefined } from "../engine/twilio";
import type { Subject } from "./subject";

const missing = `AD${"0".repeat(32)}`;
// Twilio writes `St` for `Street`, and regions in capitals.
const place = { street: "4 Main Street", city: "San Francisco", region: "ca", postalCode: "94105", isoCountry: "US" };
/** A text is sent with the other three of the least arguments. */
const text = { required: true, sends: 4 } as const;
const unread = "not returned";

export const addressSubject: Subject = {
  definition: address,
  type: "pulumi-nodejs:twilio/numbers:Address",
  id: /^AD[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new Address(name, args as unknown as AddressArgs, options),
  get: (name, id, options) => Address.get(name, id, options),
  args: (_fixture, friendlyName) => ({ ...place, customerName: "Shop", friendlyName }),
  updates: {
    customerName: { values: ["One", "Two"], required: true },
    street: { ...text, values: ["1 Main Street", "2 Main Street"], expected: ["1 Main St", "2 Main St"] },
    streetSecondary: { values: ["Suite 1", "Suite 2"], expected: ["Ste 1", "Ste 2"], sends: 5 },
    city: { ...text, values: ["Oakland", "Berkeley"] },
    region: { ...text, values: ["ny", "nj"], expected: ["NY", "NJ"] },
    postalCode: { ...text, values: ["94102", "94103"] },
    friendlyName: { values: ["Front", "Back"], args: () => ({ ...place, customerName: "Named" }) },
    emergencyEnabled: { values: [true, false], unset: false },
    autoCorrectAddress: {
      values: [true, false],
      args: (_fixture, friendlyName) => ({ ...place, street: "4 Main St", region: "CA", customerName: "Shop", friendlyName }),
      read: () => unread,
      expected: [unread, unread],
      unset: unread,
      sends: 5,
    },
  },
  replacements: {
    isoCountry: (_fixture, friendlyName) => [
      { ...place, customerName: "Shop", friendlyName },
      { ...place, customerName: "Shop", friendlyName, isoCountry: "CA" },
    ],
  },
  unsent: { onDelete: { values: ["retain", "delete"] }, adopt: { values: [undefined, missing] } },
  drift: {
    property: "street",
    declared: "5 Main Street",
    change: ({ client }, id) => client.addresses(id).update({ street: "6 Main St" }),
  },
  fetch: async ({ client }, id) => (await fetchOrUndefined(client.addresses(id).fetch()))?.toJSON(),
  remove: ({ client }, id) => client.addresses(id).remove(),
  list: async ({ client }) => (await client.addresses.list()).map(({ sid }) => sid),
};
