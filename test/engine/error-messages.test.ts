import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type CliProject, createCliProject } from "../../tools/harness/cli-project.mts";
import { type EmulatorClient, emulatorClient } from "./twilio";

vi.setConfig({ testTimeout: 180_000 });

describe("what the CLI prints of an error in the program", () => {
  let emulator: Emulator;
  let twilio: EmulatorClient;
  let project: CliProject;
  beforeAll(async () => {
    emulator = await startEmulator();
    twilio = emulatorClient(emulator);
    const { url, accountSid, authToken } = emulator;
    project = await createCliProject(inject("engine"), {
      "twilio:baseUrl": url,
      "twilio:accountSid": accountSid,
      "twilio:authToken": authToken,
    });
  });
  afterAll(async () => {
    await project.close();
    await emulator.close();
  });

  /** Runs a program, and returns the diagnostics: the last part of what the CLI prints. */
  async function run(command: "up" | "preview", program: string, ...args: string[]): Promise<string> {
    await project.write(program);
    const options = command === "up" ? ["--yes", "--skip-preview"] : [];
    const text = await project.pulumi([command, ...options, "--color", "never", ...args]).catch((error: Error) => error.message);
    return text.slice(text.indexOf("Diagnostics:"));
  }
  const count = (text: string, words: string) => text.split(words).length - 1;
  function expectOnce(text: string, words: string): void {
    expect(text).toContain(words);
    expect(`${words}: ${count(text, words)}`).toBe(`${words}: 1`);
    expect(text).not.toMatch(/error serializing property|PromiseRejectionHandledWarning|unhandled exception|UsageError|^ +at /m);
    expect(count(text, "error:")).toBe(1);
  }

  const room = 'const room = new Conversation("room");';
  const others = 'for (let i = 0; i < 5; i++) new Participant("p" + i, { conversation: room, identity: "p" + i });';

  it.each([
    ["a plain value", 'new Conversation("bad", { state: "gone" });', 'Conversation "bad": state must be one of'],
    [
      "a value that occurs twice",
      'for (const name of ["ann", "bob"]) new Participant(name, { conversation: room, identity: "ann" });',
      'Participant "bob": identity must not be the same as in Participant "ann" ("ann"): an identity is in a conversation once.',
    ],
    [
      "an output that occurs twice",
      'for (const name of ["a", "b"]) new Conversation(name, { uniqueName: pulumi.output("x") });',
      'Conversation "b": uniqueName must not be the same as in Conversation "a" ("x"): a unique name occurs once in a service.',
    ],
    [
      "an output that JSON cannot hold, in a parent of others",
      'const c = new Conversation("odd", { attributes: { when: pulumi.output(0).apply(() => new Date(0)) } }); new Participant("x", { conversation: c, identity: "x" });',
      'Conversation "odd": attributes.when must be JSON: a Date is not;',
    ],
    ["an output that the provider refuses", 'new Conversation("bad", { state: pulumi.output("gone") });', "state must be one of"],
  ])("is one error, without noise: %s, among right resources", async (_what, wrong, words) => {
    expectOnce(await run("up", room + wrong + others), words);
    expectOnce(await run("preview", room + wrong + others), words);
  });

  // Registration spares the SDK its own stack traces, and must not take those of the program.
  it.each([
    ["at once", "greet();"],
    ["after its resources", "setTimeout(greet, 0);"],
    ["in an output", 'new Conversation("late").sid.apply(greet);'],
  ])("says where the program itself failed, %s", async (_when, fails) => {
    const text = await run("up", `${room}${others}\nfunction greet() {\n  throw new Error("no greeting today");\n}\n${fails}`);
    expect(text).toContain("Error: no greeting today");
    expect(text).toMatch(/^ +at .*greet .*index\.js:5:9/m);
  });

  it("leaves the SDK's debug messages complete and in their order", async () => {
    const text = await run("preview", room + others, "--debug");
    const kind = "pulumi-nodejs:twilio/conversations:Participant";
    const at = [0, 1, 2, 3, 4].map((index) => [
      text.indexOf(`Registering resource: t=${kind}, name=p${index}`),
      text.indexOf(`RegisterResource RPC prepared: t=${kind}, name=p${index}`),
      text.indexOf(`RegisterResource RPC finished: resource:p${index}[${kind}]`),
    ]);
    for (const places of at) {
      expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
  });

  it("is one error for all plain problems of all resources, and nothing is created", async () => {
    await twilio.forgetCalls();
    const wrong = 'new Conversation("a", { state: "gone", friendlyName: 7 }); new Participant("b", { conversation: room, identity: "" });';
    const text = await run("up", room + wrong + others);
    for (const words of [
      'Conversation "a": state must be',
      'Conversation "a": friendlyName must be',
      'Participant "b": identity must not be',
    ]) {
      expectOnce(text, words);
    }
    expect(await twilio.writes()).toEqual([]);
  });

  it("names the resources that an update does not create, because they are not its targets", async () => {
    const program = `const hall = new Conversation("hall"); const number = new PhoneNumber("desk", { search: { country: "US", smsEnabled: true } });
new Participant("phone", { conversation: hall, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } }); new Conversation("lone");`;
    const urn = (type: string, name: string) => `urn:pulumi:dev::project::pulumi-nodejs:twilio/${type}::${name}`;
    const text = await run("up", program, "--target", urn("conversations:Participant", "phone"));
    expect(text).toContain('sms.proxyAddress derives from PhoneNumber "desk", which this update does not create');
    expect(text).toContain('conversation derives from Conversation "hall", which this update does not create');
    expect(text).toContain(`--target '${urn("numbers:PhoneNumber", "desk")}'`);
    expect(text).not.toContain("is missing");
    // The others are not checked where they are not targets themselves.
    const lone = await run("up", program, "--target", urn("conversations:Conversation", "lone"));
    expect(lone).not.toContain("error:");
    const names = (await twilio.client.conversations.v1.conversations.list()).map(({ uniqueName }) => uniqueName.split("~")[0]);
    expect(names).toContain("lone");
    expect(names).not.toContain("hall");
  });

  it("warns of a misspelled setting, and of no other key", async () => {
    await project.pulumi(["config", "set-all", "--plaintext", "twilio:acountSid=AC1", "--plaintext", "twilio:somethingElse=1"]);
    const text = await run("preview", room);
    await project.pulumi(["config", "rm-all", "twilio:acountSid", "twilio:somethingElse"]);
    expect(count(text, "twilio:acountSid, which is not a setting. Did you mean twilio:accountSid?")).toBe(1);
    expect(text).not.toContain("somethingElse");
  });

  it("reports a refused deletion once, under the resource", async () => {
    const declared = 'const s = new ConversationService("s", { friendlyName: "S" });';
    await run("up", declared);
    const found = (await twilio.client.conversations.v1.services.list()).find(({ friendlyName }) => friendlyName === "S");
    await twilio.client.conversations.v1.services(found?.sid as string).conversations.create();
    const text = await run("up", "");
    expect(text).toContain("ConversationService (s):");
    expect(count(text, "which this stack does not manage")).toBe(1);
    expect(text).not.toContain("UsageError");
  });
});
