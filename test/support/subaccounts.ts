import { expect } from "vitest";
import type { Props } from "../../src/core/lifecycle/props";
import { subaccount } from "../../src/iam/subaccount";
import type { Declared } from "./mini-engine";
import type { TestTwilio } from "./test-twilio";

/** The path of accounts. */
export const accounts = "/2010-04-01/Accounts";

/** A subaccount of a program. */
export const sub = (args: Props = {}, name = "sub"): Declared => ({
  name,
  definition: subaccount,
  args: { friendlyName: "Acme", ...args },
});

/** A subaccount at Twilio. */
interface Account {
  readonly sid: string;
  readonly status: string;
  readonly auth_token: string;
}

/** The subaccounts at Twilio, and what their parent does with them by hand. */
export function subaccountsOf(twilio: TestTwilio) {
  const all = async (): Promise<Account[]> =>
    ((await twilio.rest("GET", "api", `${accounts}.json`)).accounts as Account[]).filter(({ sid }) => sid !== twilio.emulator.accountSid);
  /** Buys a number for an account, with the parent's credentials. */
  const buyIn = (sid: string, PhoneNumber = twilio.forSale[0] as string) =>
    twilio.rest("POST", "api", `${accounts}/${sid}/IncomingPhoneNumbers.json`, { PhoneNumber });
  return {
    all,
    buyIn,
    statuses: async () => (await all()).map(({ status }) => status),
    create: (FriendlyName: string) => twilio.rest("POST", "api", `${accounts}.json`, { FriendlyName }),
    setStatus: (sid: unknown, Status: string) => twilio.rest("POST", "api", `${accounts}/${sid}.json`, { Status }),
    /** Expects that Twilio sells a number again. */
    async expectReleased(number: unknown): Promise<void> {
      expect(await buyIn(twilio.emulator.accountSid, String(number))).toMatchObject({ phone_number: number });
    },
    /** The status of a request that signs in with a subaccount's token. */
    async statusOf({ sid, authToken }: Props): Promise<number> {
      const authorization = `Basic ${Buffer.from(`${sid}:${authToken}`).toString("base64")}`;
      return (await fetch(`${twilio.emulator.url}/conversations.twilio.com/v1/Services`, { headers: { authorization } })).status;
    },
    logged: (pattern: RegExp) => twilio.log.filter((line) => pattern.test(line)),
  };
}
