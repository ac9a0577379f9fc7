import { apiKey } from "../../src/iam/api-key";
import { subaccount } from "../../src/iam/subaccount";
import { twimlApp } from "../../src/iam/twiml-app";
import { type Compared, exact } from "./exceptions";

/** The resources of accounts. */
export const iamSubjects: readonly Compared[] = [
  [
    apiKey,
    {
      ...exact,
      missing: {
        AccountSid: "a create names the account of the credentials",
        KeyType: "a create says restricted where the program declares a policy",
      },
      notInResponse: { secret: "only the response to the create contains it" },
    },
  ],
  [
    subaccount,
    { ...exact, onlyInUpdates: { status: "an update follows the create" }, noDelete: "a destroy suspends or closes the subaccount" },
  ],
  [twimlApp, { ...exact, missing: { SmsStatusCallback: "the older name of MessageStatusCallback" } }],
];
