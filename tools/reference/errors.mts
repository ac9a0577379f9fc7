// The errors that this package explains, by the resource that meets them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { nextStep } = require("../../dist/core/twilio/errors.js") as typeof import("../../dist/core/twilio/errors.js");
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Errors that are about the credentials, the pace or an object that is gone: every resource can meet them. */
const general = [20003, 20404, 20429, 70051];

const members = ["Participant", "ConversationWithParticipants"];
const threads = ["Conversation", "ConversationWithParticipants"];

const resources: Readonly<Record<number, readonly string[]>> = {
  21101: ["Subaccount"],
  21404: ["PhoneNumber"],
  21421: ["PhoneNumber"],
  21422: ["PhoneNumber"],
  21452: ["PhoneNumber"],
  21477: ["Subaccount"],
  21479: ["Subaccount"],
  21480: ["Subaccount"],
  21625: ["Address"],
  21628: ["Address"],
  21629: ["Address"],
  21630: ["Address"],
  21631: ["PhoneNumber"],
  21649: ["PhoneNumber"],
  21651: ["PhoneNumber"],
  50204: members,
  50353: threads,
  50373: members,
  50377: [...threads, "Participant"],
  50407: members,
  50413: [...members, "AddressConfiguration"],
  50416: ["Participant"],
  50425: ["ConversationWithParticipants"],
  50438: members,
  50441: ["Participant"],
  70002: ["ApiKey"],
};

const conversation = `CH${"0".repeat(32)}`;

/** What to do about an error, in each of its forms. */
function lineOf(code: number): string {
  const steps = [conversation, "assertion "].map((message) => nextStep({ status: 400, code, message })?.replace(conversation, "`CH…`"));
  // Only the first form names a conversation.
  const forms = steps[0]?.includes("`CH…`") ? steps.slice(0, 1) : [...new Set(steps)].reverse();
  return `- [${code}](https://www.twilio.com/docs/errors/${code}): ${forms.join(" Otherwise, ")}`;
}

/** The lines about the errors of a resource. */
export const errorsOf = (name: string): string[] =>
  Object.entries(resources).flatMap(([code, names]) => (names.includes(name) ? [lineOf(Number(code))] : []));

/** The lines about errors of every resource. */
export const generalErrors: readonly string[] = general.map(lineOf);

/** The errors that the package explains and that are on no page. */
export function errorsOnNoPage(): string[] {
  const source = readFileSync(join(root, "src", "core", "twilio", "errors.ts"), "utf8");
  const explained = [...source.matchAll(/^ {2}(\d{5}):/gm)].map(([, code]) => code as string);
  return explained.filter((code) => !(code in resources) && !general.includes(Number(code)));
}
