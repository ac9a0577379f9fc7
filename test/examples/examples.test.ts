import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import yaml from "yaml";
import { type Emulator, startEmulator } from "../../src/emulator";
import { expectNothing, expectOk, type Lab, openLab } from "../engine/lab";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { wholeAccount, withoutTraces } from "../support/whole-account";

const root = join(import.meta.dirname, "../..");
let emulator: Emulator;
let twilio: EmulatorClient;
/** The services of an empty account. */
let services: string[];
beforeAll(async () => {
  emulator = await startEmulator();
  twilio = emulatorClient(emulator);
});
beforeEach(async () => {
  await emulator.reset();
  services = await servicesLeft();
});
afterAll(() => emulator.close());

/** An example's program: the module runs again in each operation, as when the engine starts it. */
async function programOf(example: string): Promise<() => Promise<Record<string, unknown>>> {
  const text = await readFile(join(root, "examples", example, "index.ts"), "utf8");
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } });
  const run = new Function("exports", "require", outputText);
  return async () => {
    const exported: Record<string, unknown> = {};
    run(exported, createRequire(join(root, "package.json")));
    return exported;
  };
}

/** The settings of an example's stack, for the name of the tests' project. */
async function settingsOf(example: string, stack: string): Promise<Record<string, string>> {
  const { config } = yaml.parse(await readFile(join(root, "examples", example, `Pulumi.${stack}.yaml`), "utf8"));
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${example}:`));
  return Object.fromEntries(own.map(([key, value]) => [key.replace(example, "proof"), String(value)]));
}

/** Previews an example, brings it up, and previews it again: nothing is left to change. */
async function bringUp(example: string, resources: number, config: Record<string, string> = {}) {
  const lab = await openLab({ twilio: emulator, program: await programOf(example), config });
  const planned = await lab.stack.preview();
  expectOk(planned);
  expect(Object.values(planned.changes)).toEqual(Array(resources).fill("create"));
  expectOk(await lab.stack.up());
  expectNothing(await lab.stack.preview());
  const outputs = await lab.stack.outputs();
  return { lab, outputs, output: (name: string) => String(outputs[name]) };
}

const numbersLeft = async () => (await twilio.client.incomingPhoneNumbers.list()).map(({ phoneNumber }) => phoneNumber).sort();
const servicesLeft = async () => (await twilio.client.conversations.v1.services.list()).map(({ friendlyName }) => friendlyName);

/** Destroys the stack; only these numbers stay. */
async function tearDown({ stack, close }: Lab, numbers: readonly string[]): Promise<void> {
  expectOk(await stack.destroy());
  expect(await numbersLeft()).toEqual([...numbers].sort());
  expect(await servicesLeft()).toEqual(services);
  expect(await twilio.client.conversations.v1.addressConfigurations.list()).toEqual([]);
  await close();
}

const post = (path: string, body: object) => fetch(`${twilio.url}/_emulator/${path}`, { method: "POST", body: JSON.stringify(body) });
const received = async (phone: string) => {
  const outbox = await fetch(`${twilio.url}/_emulator/outbox?to=${encodeURIComponent(phone)}`);
  return ((await outbox.json()) as { messages: { from: string; body: string }[] }).messages.map(({ from, body }) => `${from}: ${body}`);
};

it("examples/masked-numbers: a driver with two passengers sees a number for each, and texts reach the right one", async () => {
  const { lab, outputs } = await bringUp("masked-numbers", 12);
  const rides = outputs.numbers as { id: string; passengerTexts: string; driverTexts: string }[];
  const [first, second, third] = rides.map(({ driverTexts }) => driverTexts);
  const { "proxy-1": one, "proxy-2": two } = await lab.stack.state();
  const numbers = [one, two].map((proxy) => String(proxy?.outputs.phoneNumber));
  // Which ride comes first is up to the engine.
  expect([first, second].sort()).toEqual([...numbers].sort());
  expect(third).toBe(numbers[0]);
  await post("inbound", { from: "+15558675310", to: second, body: "I am here" });
  expect(await received("+15558675321")).toEqual([`${rides[1]?.passengerTexts}: I am here`]);
  expect(await received("+15558675320")).toEqual([]);
  await tearDown(lab, numbers);
});

it("examples/whatsapp: a customer and an agent have a conversation, and another one writes to the account's own sender", async () => {
  const { phoneNumber } = await twilio.client.incomingPhoneNumbers.create({ areaCode: "415" });
  const { lab, output } = await bringUp("whatsapp", 5, { "proof:sender": phoneNumber });
  const { conversations } = twilio.client.conversations.v1.services(output("serviceSid"));
  await conversations(output("conversationSid")).messages.create({ author: "agent", body: "Hello" });
  expect(await received("whatsapp:+15558675310")).toEqual([`whatsapp:${phoneNumber}: Hello`]);
  await post("inbound", { from: "whatsapp:+15558675311", to: `whatsapp:${phoneNumber}`, body: "Hi" });
  expect(await conversations.list()).toHaveLength(2);
  await tearDown(lab, [phoneNumber]);
});

it("examples/group-mms: the dispatcher's message reaches both phones from the projected number", async () => {
  const { lab, output } = await bringUp("group-mms", 3);
  const crew = twilio.client.conversations.v1.services(output("serviceSid")).conversations(output("conversationSid"));
  expect(await crew.participants.list()).toHaveLength(3);
  await crew.messages.create({ author: "dispatch", body: "To the pier" });
  for (const phone of ["+14155550110", "+14155550111"]) expect(await received(phone)).toEqual([`${output("phoneNumber")}: To the pier`]);
  await tearDown(lab, [output("phoneNumber")]);
});

it("examples/adopting-an-account: what exists is adopted without a write, and destroy leaves the account as it was", async () => {
  const { url, accountSid, authToken } = emulator;
  const env = { TWILIO_BASE_URL: url, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
  const existing = join(root, "examples/adopting-an-account/existing.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [existing], { env });
  const number = /^pulumi config set number (\+1415\d{7})\n$/.exec(stdout)?.[1] as string;
  const before = await wholeAccount(twilio);
  await twilio.forgetCalls();
  const { lab, output } = await bringUp("adopting-an-account", 8, { "proof:number": number });
  const created = { Conversations: 1, Participants: 2, Configuration: 1 };
  const writes = (await twilio.writes()).map(({ method, path, count }) => [method, path.split("/").at(-1), count]);
  expect(writes.sort()).toEqual(
    Object.entries(created)
      .map(([path, count]) => ["POST", path, count])
      .sort(),
  );
  const service = twilio.client.conversations.v1.services(output("serviceSid"));
  expect(await service.configuration().fetch()).toMatchObject({ reachabilityEnabled: true });
  await service.conversations(output("conversationSid")).messages.create({ author: "agent", body: "Hello" });
  expect(await received("+15558675310")).toEqual([`${number}: Hello`]);
  expectOk(await lab.stack.destroy());
  expect(withoutTraces(await wholeAccount(twilio))).toEqual(withoutTraces(before));
  await lab.close();
});

it("examples/per-environment: dev leaves nothing", async () => {
  const { lab, output } = await bringUp("per-environment", 5, await settingsOf("per-environment", "dev"));
  expect(await servicesLeft()).toContain("Support (test)");
  expect(await numbersLeft()).toEqual([output("phoneNumber")]);
  await tearDown(lab, []);
});

it("examples/per-environment: prod has names of its own, longer timers, and a number that a destroy refuses to lose", async () => {
  const config = await settingsOf("per-environment", "prod");
  const { stack, close } = await openLab({ twilio: emulator, program: await programOf("per-environment"), config });
  expectOk(await stack.up());
  expect(await servicesLeft()).toContain("Support");
  const { serviceSid, phoneNumber } = await stack.outputs();
  const [hello] = await twilio.client.conversations.v1.services(String(serviceSid)).conversations.list();
  const inactiveAfter = Date.parse(String(hello?.timers.date_inactive)) - Number(hello?.dateCreated);
  expect(inactiveAfter / 3_600_000).toBeCloseTo(24, 1);
  const refused = await stack.destroy();
  expect(refused.ok).toBe(false);
  expect(refused.text).toContain("protect");
  expect(await numbersLeft()).toEqual([phoneNumber]);
  await close();
});
