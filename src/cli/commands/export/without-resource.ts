import { TwilioError } from "../../../core/twilio/errors";
import type { LeftOut } from "./account";
import type { List, Reader } from "./reader";

/** Objects of an account that no program can declare. */
interface Undeclarable extends Pick<List, "product" | "key"> {
  readonly what: string;
  readonly path: (account: string) => string;
  readonly why: string;
}

const undeclarable: readonly Undeclarable[] = [
  {
    what: "API keys",
    product: "api",
    path: (account) => `/2010-04-01/Accounts/${account}/Keys.json`,
    key: "keys",
    why: "Twilio shows a key's secret only when it is created: declare a new ApiKey, and delete the old key",
  },
];

/** Counts the account's objects that no program can declare. */
export async function withoutResource(read: Reader, accountSid: string): Promise<readonly LeftOut[]> {
  const found = await Promise.all(undeclarable.map((one) => counted(read, one, accountSid)));
  return found.filter((one) => one !== undefined);
}

/** A list that cannot be counted, such as one that a key may not read, does not fail the export. */
async function counted(read: Reader, { what, product, path, key, why }: Undeclarable, accountSid: string): Promise<LeftOut | undefined> {
  try {
    const count = await read.count({ product, path: path(accountSid), key });
    return count > 0 ? { what, count, why } : undefined;
  } catch (error) {
    if (!(error instanceof TwilioError) || error.status === 0 || error.status >= 500) throw error;
    return { what, why: `${why}; Twilio does not report how many there are (${error.reason})` };
  }
}
