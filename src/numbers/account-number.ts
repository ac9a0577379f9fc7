import type { Context, Inquiry } from "../core/lifecycle/definition";
import { noteDigest } from "../core/lifecycle/note";
import type { Body } from "../core/twilio/twilio";

/** The account's number, `"none"`, or `undefined` where Twilio's response does not say which. */
export async function ownNumber(number: string, { context, ask }: Inquiry): Promise<Body | "none" | undefined> {
  const path = `/2010-04-01/Accounts/${context.twilio.accountSid}/IncomingPhoneNumbers.json`;
  const page = await ask({ product: "api", path, query: { PhoneNumber: number } });
  if (!Array.isArray(page?.incoming_phone_numbers)) return undefined;
  return page.incoming_phone_numbers.find((one: Body) => one.phone_number === number) ?? "none";
}

/** The note of a number that a program names in order to buy it. */
export const plannedKey = (number: string): string => `planned ${noteDigest(number)}`;

/** The note of a number that this machine released: Twilio sells it to the same account for ten days and does not offer it. */
export const releasedKey = (number: string): string => `released ${noteDigest(number)}`;

/** Whether a program plans to buy the number; another process of this run serves the resources of another provider and knows it from its note. */
export const isPlanned = (number: string, { notes }: Pick<Context, "notes">): boolean =>
  notes.read(plannedKey(number)) !== undefined ||
  notes.all().some((note) => (note as { readonly number?: unknown } | undefined)?.number === number);
