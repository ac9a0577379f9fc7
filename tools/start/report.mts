import { relative } from "node:path";
import { styleText } from "node:util";
import type { Destroyed, Started } from "./quickstart.mts";

/** Prints a message to stderr, separate from the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

const bold = (text: string) => styleText("bold", text, { stream: process.stdout });
const dim = (text: string) => styleText("dim", text, { stream: process.stdout });

/** The printed result of a start. */
export function describeStarted(result: Started): string {
  const { backend, changes, unchanged, transcript, durations } = result;
  const rows: [string, string, string][] = [
    ["number", result.phoneNumber, result.phoneNumberSid],
    ["service", "", result.serviceSid],
    ["conversation", "", result.conversationSid],
    ["SMS participant", result.mobileNumber, result.smsParticipantSid],
    ["chat participant", result.chatIdentity, result.chatParticipantSid],
  ];
  const lines = transcript.map(({ from, to, body, sid }) => `  ${from} → ${to}: ${bold(body)}  ${dim(sid)}`);
  return `
${bold(unchanged ? `The quickstart is up to date: ${changes.same ?? 0} resources unchanged.` : `The quickstart is up: ${count(changes)}.`)}
${rows.map(([what, value, sid]) => `  ${what.padEnd(16)}  ${value.padEnd(15)}  ${dim(sid)}`).join("\n")}

${bold("Verified with two messages")}
${lines.join("\n")}

${verified(result.verification)}

${dim(`emulator ${backend.url}, account ${backend.accountSid}, state in ${folder(backend.stateDir)}; nothing is billed`)}
${dim(
  Object.entries(durations)
    .map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`)
    .join(" · "),
)}
`;
}

function verified({ checks }: Started["verification"]): string {
  if (!checks) return "Verified in the deployment by its ConversationsSmokeTest.";
  const results = checks.map(({ name, ms }) => `${name} ${ms} ms`).join(", ");
  return `Verified after the deployment, because the engine has no command plugin to do it in the deployment: ${results}.`;
}

/** The printed result of a destroy. */
export function describeDestroyed({ changes, kept, backend }: Destroyed): string {
  const numbers = kept.map(({ phoneNumber, sid }) => `  ${phoneNumber}  ${dim(sid)}`).join("\n");
  const retained = `
The emulator keeps this number, because a released number is hard to get back (onDelete: "release" would release it):
${numbers}
The next \`npm start\` uses it again. To delete everything, remove ${folder(backend.stateDir)}.
`;
  return `\n${bold(changes.delete ? `Destroyed: ${count(changes)}.` : "Nothing to destroy.")}\n${kept.length > 0 ? retained : ""}`;
}

const WORDS: Record<string, string> = { create: "created", update: "updated", delete: "deleted", replace: "replaced", same: "unchanged" };

function count(changes: Record<string, number>): string {
  return Object.entries(changes)
    .map(([kind, number]) => `${number} ${WORDS[kind] ?? kind}`)
    .join(", ");
}

function folder(path: string): string {
  const short = relative(process.cwd(), path);
  return `${short === "" || short.startsWith("..") ? path : short}/`;
}
