/** What each kind costs: bytes of state, requests of each operation, lines of its file. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CustomResource } from "@pulumi/pulumi";
import * as twilio from "pulumi-twilio-conversations";
import { startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { openStack, type TestStack } from "../tools/harness/stack.mts";
import { formatTable } from "../tools/harness/text-table.mts";

const src = fileURLToPath(new URL("../src", import.meta.url));

/** The figures of one kind. Requests are those of one object whose parents exist. */
export interface KindRow {
  readonly kind: string;
  readonly bytes: number;
  readonly create: number;
  readonly update: number | undefined;
  readonly refresh: number;
  readonly delete: number;
  /** Lines of its file that are not empty: code and docs. */
  readonly lines: number;
}

/** What the resources to measure belong to. */
type Fixture = ReturnType<typeof declareFixture>;

function declareFixture() {
  const service = new twilio.ConversationService("fixture", { friendlyName: "Fixture", forceDestroy: true });
  const conversation = new twilio.Conversation("fixture", { service, forceDestroy: true });
  const user = new twilio.ConversationUser("fixture", { service, identity: "fixture", forceDestroy: true });
  const member = new twilio.Participant("fixture", { conversation, identity: user.identity });
  const messagingService = new twilio.MessagingService("fixture", { friendlyName: "Fixture" });
  const number = new twilio.PhoneNumber("fixture", { areaCode: "415", onDelete: "release" });
  return { service, conversation, user, member, messagingService, number };
}

type Declare = (fixture: Fixture, revision: 0 | 1) => CustomResource;

const pem = (what: string) => `-----BEGIN ${what}-----\n${Buffer.from("bench").toString("base64")}\n-----END ${what}-----\n`;
const url = (revision: number) => `https://example.com/${revision}`;
const friendlyName = (revision: number) => `Bench ${revision}`;
const room = ({ member }: Fixture) => member.conversation;

/** One resource of each kind, with the least arguments; `revision` changes one of them. */
const kinds: Readonly<Record<string, Declare>> = {
  PhoneNumber: (_of, n) => new twilio.PhoneNumber("it", { areaCode: "510", onDelete: "release", friendlyName: friendlyName(n) }),
  Address: (_of, n) =>
    new twilio.Address("it", {
      ...{ customerName: "Bench", street: "1 Main St", city: "Austin", region: "TX", postalCode: "78701", isoCountry: "US" },
      friendlyName: friendlyName(n),
    }),
  ConversationService: () => new twilio.ConversationService("it", { friendlyName: "Bench" }),
  ConversationRole: ({ service }, n) =>
    new twilio.ConversationRole("it", {
      ...{ service, friendlyName: "bench", type: "service" },
      permissions: n === 0 ? ["joinConversation"] : ["joinConversation", "addParticipant"],
    }),
  ConversationUser: ({ service }, n) => new twilio.ConversationUser("it", { service, identity: "bench", friendlyName: friendlyName(n) }),
  Conversation: ({ service }, n) => new twilio.Conversation("it", { service, friendlyName: friendlyName(n) }),
  Participant: ({ conversation }, n) => new twilio.Participant("it", { conversation, identity: "bench", attributes: { n } }),
  ConversationWebhook: ({ conversation }, n) =>
    new twilio.ConversationWebhook("it", { conversation, webhook: { url: url(n), filters: ["onMessageAdded"] } }),
  ConversationWithParticipants: ({ service }, n) =>
    new twilio.ConversationWithParticipants("it", { service, friendlyName: friendlyName(n), participants: [{ identity: "bench" }] }),
  ConversationMessage: ({ conversation }, n) => new twilio.ConversationMessage("it", { conversation, body: friendlyName(n) }),
  UserConversation: (of, n) =>
    new twilio.UserConversation("it", { user: of.user, conversation: room(of), notificationLevel: n === 0 ? "muted" : "default" }),
  AddressConfiguration: ({ number }, n) =>
    new twilio.AddressConfiguration("it", {
      ...{ type: "sms", address: number.phoneNumber, autoCreation: { default: {} } },
      friendlyName: friendlyName(n),
    }),
  ConversationConfiguration: (_of, n) => new twilio.ConversationConfiguration("it", { defaultClosedTimer: n === 0 ? "PT1H" : "PT2H" }),
  ConversationWebhookConfiguration: (_of, n) => new twilio.ConversationWebhookConfiguration("it", { postWebhookUrl: url(n) }),
  ConversationServiceConfiguration: ({ service }, n) =>
    new twilio.ConversationServiceConfiguration("it", { service, reachabilityEnabled: n === 0 }),
  ConversationServiceWebhookConfiguration: ({ service }, n) =>
    new twilio.ConversationServiceWebhookConfiguration("it", { service, postWebhookUrl: url(n) }),
  ConversationServiceNotification: ({ service }, n) => new twilio.ConversationServiceNotification("it", { service, logEnabled: n === 0 }),
  PushCredential: (_of, n) =>
    new twilio.PushCredential("it", {
      friendlyName: friendlyName(n),
      apn: { certificate: pem("CERTIFICATE"), privateKey: pem("PRIVATE KEY") },
    }),
  MessagingService: (_of, n) => new twilio.MessagingService("it", { friendlyName: friendlyName(n) }),
  MessagingServiceSender: ({ messagingService, number }) =>
    new twilio.MessagingServiceSender("it", { messagingService, phoneNumber: number }),
  ApiKey: (_of, n) => new twilio.ApiKey("it", { friendlyName: friendlyName(n) }),
  TwimlApp: (_of, n) => new twilio.TwimlApp("it", { friendlyName: friendlyName(n) }),
  Subaccount: (_of, n) => new twilio.Subaccount("it", { friendlyName: friendlyName(n), onDelete: "close", forceDestroy: true }),
};

/** Measures every kind on one stack. */
export async function measureKinds(engine: string): Promise<KindRow[]> {
  const missing = Object.entries(twilio).filter(([name, one]) => typeof one === "function" && "get" in one && !(name in kinds));
  if (missing.length > 0) throw new Error(`bench/kinds.mts must declare ${missing.map(([name]) => name).join(", ")}`);
  const emulator = await startEmulatorProcess({ latencyMs: 0 });
  const stack = await openStack({ engine, twilio: emulator });
  try {
    const rows: KindRow[] = [];
    const calls = async (run: "up" | "refresh", declare?: Declare, revision: 0 | 1 = 0) => {
      stack.program = async () => {
        const fixture = declareFixture();
        declare?.(fixture, revision);
      };
      await emulator.calls();
      const outcome = await stack[run]();
      if (!outcome.ok) throw new Error(outcome.text);
      return { sent: await emulator.calls(), isReplaced: outcome.changes.it === "replace" };
    };
    await calls("up");
    const idle = (await calls("refresh")).sent;
    for (const [kind, declare] of Object.entries(kinds)) {
      const create = (await calls("up", declare)).sent;
      const bytes = await bytesOf(stack);
      const refresh = (await calls("refresh", declare)).sent - idle;
      const { sent, isReplaced } = await calls("up", declare, 1);
      const gone = (await calls("up")).sent;
      rows.push({ kind, bytes, create, update: isReplaced || sent === 0 ? undefined : sent, refresh, delete: gone, lines: linesOf(kind) });
      process.stderr.write(`${kind}: ${JSON.stringify(rows.at(-1))}\n`);
    }
    return rows;
  } finally {
    await stack.close();
    await emulator.close();
  }
}

/** Prints a table: what each kind costs. */
export function printKinds(rows: readonly KindRow[]): void {
  const head = ["kind", "state B", "create", "update", "refresh", "delete", "lines"];
  const cells = rows.map((row) => [row.kind, row.bytes, row.create, row.update ?? "–", row.refresh, row.delete, row.lines].map(String));
  console.log(formatTable([head, ...cells]));
  const sorted = rows.map(({ lines }) => lines).sort((a, b) => a - b);
  console.log(`Median: ${sorted[Math.floor(sorted.length / 2)]} lines of code and docs.`);
}

const bytesOf = async (stack: TestStack): Promise<number> => JSON.stringify((await stack.state()).it).length;

/** The file that declares a class. */
function linesOf(kind: string): number {
  const files = globSync("*/*.ts", { cwd: src }).map((file) => join(src, file));
  const file = files.find((one) => existsSync(one) && readFileSync(one, "utf8").includes(`export class ${kind} extends resourceClass`));
  if (file === undefined) throw new Error(`no file declares ${kind}`);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}
