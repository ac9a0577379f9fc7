/** Arbitraries for the arguments of objects that belong to the account itself: addresses and push credentials. */
import fc from "fast-check";
import { pushCredential } from "../../src/conversations/push-credential";
import type { Props } from "../../src/core/lifecycle/props";
import { address } from "../../src/numbers/address";
import type { ArbitraryResource } from "./arbitrary-resource";
import { certificate, privateKey, serviceAccount } from "./push-secrets";

const name = fc.constantFrom("Front desk", "a/b", "50%", "PT60M", "…");

/** Some of the text is spelled as Twilio corrects it, and some is not. */
const addressArgs = fc
  .record(
    {
      customerName: fc.constantFrom("Shop", "Ä & Söhne", "50%"),
      street: fc.constantFrom("4 Main Street", "4 Main St", "7  Second Avenue"),
      city: fc.constantFrom("Oakland", "San Francisco"),
      region: fc.constantFrom("ca", "CA", "NY"),
      postalCode: fc.constantFrom("94105", "10001"),
      isoCountry: fc.constantFrom("US", "CA", "DE"),
      streetSecondary: fc.constantFrom("Suite 2", "Ste 2"),
      friendlyName: name,
      emergencyEnabled: fc.boolean(),
      autoCorrectAddress: fc.constant(true),
    },
    { requiredKeys: ["customerName", "street", "city", "region", "postalCode", "isoCountry"] },
  )
  .map((args): Props => args);

/** A switch between Apple's service and Firebase is an update. */
const pushArgs = fc
  .tuple(
    name,
    fc.oneof(
      fc
        .record(
          {
            certificate: fc.constantFrom("one", "two").map(certificate),
            privateKey: fc.constantFrom("one", "two").map((text) => privateKey(text)),
            sandbox: fc.boolean(),
          },
          { requiredKeys: ["certificate", "privateKey"] },
        )
        .map((apn) => ({ apn: apn })),
      fc.constantFrom("one", "two").map((text) => ({ fcm: { secret: serviceAccount(text) } })),
    ),
  )
  .map(([friendlyName, secrets]): Props => ({ friendlyName, ...secrets }));

/** The resources, by what they are. */
export const accountResources: Record<string, ArbitraryResource> = {
  "an address": {
    definition: address,
    args: addressArgs,
    drift: {
      customerName: { form: { CustomerName: "Theirs" }, at: "customer_name" },
      street: { form: { Street: "9 Other Road" }, at: "street" },
      streetSecondary: { form: { StreetSecondary: "Floor 3" }, at: "street_secondary" },
      friendlyName: { form: { FriendlyName: "theirs" }, at: "friendly_name" },
    },
    runs: 4,
  },
  "a push credential": {
    definition: pushCredential,
    args: pushArgs,
    drift: {
      friendlyName: { form: { FriendlyName: "theirs" }, at: "friendly_name" },
      "apn.sandbox": { form: { Sandbox: "true" }, at: "sandbox" },
    },
    runs: 4,
  },
};
