import { createRequire } from "node:module";
import { join } from "node:path";
import type { CompilerOptions, Program } from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as twilio from "../../src";
import { newProject, type Project } from "../support/project";

/** Every class of the package, with and without arguments, and the types that go with them. */
const EVERY_CLASS = `
import * as pulumi from "@pulumi/pulumi";
import * as twilio from "pulumi-twilio-conversations";
import { chatToken, ConversationArgs, ConversationsSmokeTest, Participant, TwilioProvider } from "pulumi-twilio-conversations";

const provider = new TwilioProvider("other", { accountSid: "AC", authToken: pulumi.secret("token") });
const number = new twilio.numbers.PhoneNumber("number", { search: { country: "US", type: "local" } }, { provider });
const bare = new twilio.Conversation("bare");
const service = new twilio.conversations.ConversationService("service", { friendlyName: "Support" });
const args: ConversationArgs = { service, attributes: { topic: "billing" } };
const conversation = new twilio.Conversation("conversation", args);
const participant = new Participant("participant", { conversation, sms: { address: "+1", proxyAddress: number.phoneNumber } });
const found: pulumi.Output<string> = twilio.Conversation.get("found", "IS/CH").sid;
const some: unknown = participant;
if (Participant.isInstance(some)) some.sid.apply((sid: string) => sid);
new twilio.ConversationWebhook("webhook", { conversation, webhook: { url: "https://example.com", method: "POST", filters: ["onMessageAdded"] } });
new twilio.ConversationConfiguration("account", { defaultInactiveTimer: "PT1H" });
const test = new ConversationsSmokeTest("works", { service, conversations: [conversation], resources: [participant, bare] });
const ok: pulumi.Output<boolean[]> = test.checks.apply((checks) => checks.map((check) => check.ok));
const token: string = chatToken({ accountSid: "AC", apiKey: "SK", apiSecret: "secret", identity: "me", chatServiceSid: "IS" });
export { found, ok, token };
`;

/** Each line is one mistake. */
const MISTAKES = `
import { Conversation, Participant, PhoneNumber } from "pulumi-twilio-conversations";
new Participant("participant");
new Participant("participant", { identity: "me" });
new PhoneNumber("number", { search: 3 });
new Conversation("conversation", { friendlyNam: "Support" });
`;

it("the program above uses every class that the package exports", () => {
  const classes = Object.entries(twilio).filter(([, value]) => typeof value === "function" && /^[A-Z]/.test(value.name));
  for (const [name] of classes) expect(EVERY_CLASS).toContain(name);
  expect(classes.length).toBeGreaterThan(5);
});

describe("the declarations, in a project without @pulumi/command", () => {
  let project: Project;
  beforeAll(async () => {
    project = await newProject(["pulumi-twilio-conversations"]);
    await project.write({ "every-class.ts": EVERY_CLASS, "mistakes.ts": MISTAKES });
  });
  afterAll(() => project.remove());

  it("compile with the TypeScript 3.8.3 that Pulumi bundles, without skipLibCheck", () => {
    const ts = createRequire(import.meta.url)(join(project.folder, "node_modules/@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js"));
    expect(ts.version).toBe("3.8.3");
    const files = ["every-class.ts", "mistakes.ts"].map((name) => join(project.folder, name));
    const { CommonJS: module } = ts.ModuleKind;
    const { NodeJs: moduleResolution } = ts.ModuleResolutionKind;
    const options: CompilerOptions = { noEmit: true, strict: true, target: ts.ScriptTarget.ES2020, module, moduleResolution, types: [] };
    const program: Program = ts.createProgram(files, options);
    // Other packages' declarations need a newer TypeScript, and Pulumi does not check them either.
    const own = program
      .getSourceFiles()
      .filter(({ fileName }) => files.includes(fileName) || /\/pulumi-twilio-conversations\//.test(fileName));
    const problems = own.flatMap((file) =>
      [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ start = 0, messageText }) => {
        const { line } = file.getLineAndCharacterOfPosition(start);
        return `${file.fileName.slice(project.folder.length + 1)}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      }),
    );
    expect(own.length).toBeGreaterThan(10);
    expect(problems).toEqual([
      expect.stringMatching(/^mistakes\.ts:3 Expected 2-3 arguments, but got 1/),
      expect.stringMatching(/^mistakes\.ts:4 .*'conversation' is missing/),
      expect.stringMatching(/^mistakes\.ts:5 Type 'number' is not assignable/),
      expect.stringMatching(/^mistakes\.ts:6 .*'friendlyNam' does not exist/),
    ]);
  });
});
