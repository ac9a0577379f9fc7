import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { define } from "../../src/core/lifecycle/define";
import type { NoteStore } from "../../src/core/process/notes";
import { providers } from "../../src/core/provider/dynamic-provider";
import { type Emulator, startEmulator } from "../../src/emulator";
import { Conversation, ConversationService, Participant, PhoneNumber } from "../../src/index";
import { engineEnv, startCli } from "../support/engine";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import { emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");

describe("the state of the quickstart", () => {
  let lab: Lab;
  let modules: string;

  beforeAll(async () => {
    // This module is loaded into every Node.js process of the engine and records what the process requires.
    const folder = await mkdtemp(join(tmpdir(), "twilio-modules-"));
    modules = join(folder, "loaded");
    const recorder = join(folder, "recorder.cjs");
    await writeFile(
      recorder,
      `const { appendFileSync } = require("node:fs");
const Module = require("node:module");
const load = Module._load;
Module._load = function (name) {
  if (/^twilio$|\\/provider(\\.js)?$|emulator/.test(name)) appendFileSync(${JSON.stringify(modules)}, name + "\\n");
  return load.apply(this, arguments);
};`,
    );
    lab = await openLab({
      env: { NODE_OPTIONS: `--require ${recorder}` },
      program: async () => {
        const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });
        const service = new ConversationService("support", { friendlyName: "Support" });
        const hello = new Conversation("hello", { service, friendlyName: "My First Conversation" });
        new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
        new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
      },
    });
    expectOk(await lab.stack.up());
  });
  afterAll(async () => {
    await lab.close();
    await rm(join(modules, ".."), { recursive: true, force: true });
  });

  /** The modules that provider processes have required since the previous call. */
  async function loaded(): Promise<string[]> {
    const text = await readFile(modules, "utf8");
    await writeFile(modules, "");
    return text.trim().split("\n");
  }

  // These texts are in the states of users and are evaluated as long as those states exist: a change is a breaking change.
  it("refers to the provider with a text of at most 250 bytes that never changes", async () => {
    const state = await lab.stack.state();
    for (const [name, resource] of Object.entries({
      "front-desk": "PhoneNumber",
      support: "ConversationService",
      hello: "Conversation",
      mobile: "Participant",
    })) {
      const text = `module.exports=require(require.resolve('pulumi-twilio-conversations/provider',{paths:['.',process.argv[1]]})).${resource}`;
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(250);
      expect(state[name]?.inputs.__provider).toBe(text);
      expect(state[name]?.outputs.__provider).toBe(text);
    }
  });

  it("has a fixed size per resource, in hundreds of bytes", async () => {
    const resources = Object.entries(await lab.stack.state()).filter(([, { type }]) => type.includes("twilio"));
    // Timestamps and the properties of a number vary in length, so the size is rounded.
    const bytes = (resource: object) => Buffer.byteLength(JSON.stringify({ ...resource, created: "", modified: "" }));
    const hundreds = Object.fromEntries(resources.map(([name, resource]) => [name, Math.ceil(bytes(resource) / 100)]));
    expect(hundreds).toEqual({ "front-desk": 15, support: 13, hello: 15, mobile: 17, pineapple: 15 });
  });

  it("requires no request if nothing changes, and such a run does not load the twilio package", async () => {
    expect(await loaded()).toContain("twilio");
    await lab.twilio.forgetCalls();
    expectNothing(await lab.stack.up());
    expect(await lab.twilio.calls()).toEqual([]);
    const names = await loaded();
    expect(names.some((name) => name.endsWith("/provider.js"))).toBe(true);
    expect(names).not.toContain("twilio");
  });

  it("does not load the emulator if the stack uses another one", async () => {
    expectOk(await lab.stack.refresh());
    const names = await loaded();
    expect(names).toContain("twilio");
    expect(names.filter((name) => name.includes("emulator"))).toEqual([]);
  });
});

describe("a later release of the package", () => {
  let folder: string;
  let emulator: Emulator;
  const packageFolder = () => join(folder, "node_modules", "pulumi-twilio-conversations");
  const pulumi = async (...args: string[]) => {
    const { accountSid, authToken, url } = emulator;
    const login = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url };
    const run = await startCli([...args, "--stack", "test"], { cwd: folder, env: { ...engineEnv(join(folder, "state")), ...login } }).ended;
    expect(run.code, run.stdout + run.stderr).toBe(0);
    return run.stdout;
  };

  beforeAll(async () => {
    emulator = await startEmulator();
    folder = await mkdtemp(join(tmpdir(), "twilio-release-"));
    // A JavaScript project with the installed package, as npm install creates it.
    await mkdir(join(folder, "state"));
    await mkdir(packageFolder(), { recursive: true });
    await cp(join(root, "dist"), join(packageFolder(), "dist"), { recursive: true });
    await cp(join(root, "package.json"), join(packageFolder(), "package.json"));
    for (const name of ["@pulumi", "twilio"]) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    await writeFile(join(folder, "Pulumi.yaml"), "name: release\nruntime: { name: nodejs, options: { typescript: false } }\n");
    await writeFile(
      join(folder, "index.js"),
      `const { ConversationService } = require("pulumi-twilio-conversations");
new ConversationService("support", { friendlyName: "Support" });`,
    );
    await pulumi("stack", "init");
    expect(await pulumi("up", "--yes", "--skip-preview")).toContain("+ 2 created");
  });
  afterAll(async () => {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("runs refresh and destroy for a resource that an earlier release created", async () => {
    const used = join(folder, "used");
    const file = join(packageFolder(), "dist", "provider.js");
    const later = `
for (const [name, { handler }] of Object.entries({ ...module.exports })) {
  const provider = handler();
  const note = (method) => (...args) => (require("node:fs").appendFileSync(${JSON.stringify(used)}, method + " " + name + "\\n"), provider[method](...args));
  module.exports[name].handler = () => ({ ...provider, read: note("read"), delete: note("delete") });
}`;
    await writeFile(file, (await readFile(file, "utf8")) + later);
    await pulumi("refresh", "--yes", "--skip-preview");
    await pulumi("destroy", "--yes", "--skip-preview");
    expect((await readFile(used, "utf8")).trim().split("\n")).toEqual(["read ConversationService", "delete ConversationService"]);
    const { client } = emulatorClient(emulator);
    expect((await client.conversations.v1.services.list()).map(({ friendlyName }) => friendlyName)).toEqual([
      "Default Conversations Service",
    ]);
  });
});

describe("a provider result that is not JSON", () => {
  // The copy of @pulumi/pulumi, because this package does not depend on google-protobuf.
  const fromSdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
  const { Struct } = fromSdk("google-protobuf/google/protobuf/struct_pb.js") as {
    Struct: { fromJavaScript(value: object): { toJavaScript(): object } };
  };

  it("does not lose the created object: undefined values and functions are omitted, dates become strings", async () => {
    const odd = { missing: undefined, when: new Date(0), call: () => 1, big: { deep: undefined, list: [undefined, () => 2] } };
    const thing = define<{ name: string }, { sid: string; odd: unknown; accountSid: string }>({
      type: "twilio/test:Thing",
      product: "api",
      sid: "XX",
      path: () => "/things",
      list: { key: "things", by: ["name"] },
      fields: { name: {} },
      outputs: { odd: "odd" },
      complete: async (body) => ({ ...body, odd, unused: () => 3 }),
    });
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ sid: `XX${"0".repeat(32)}`, name: "it" }));
    });
    const port = await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
    onTestFinished(() => void server.close());
    const login = { TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`, TWILIO_AUTH_TOKEN: "x", TWILIO_BASE_URL: `http://127.0.0.1:${port}` };
    const environment = { env: login, cwd: "/", openEmbedded: () => Promise.reject(new Error("the embedded emulator was opened")) };
    const memory: NoteStore = { read: () => undefined, write: () => true, remove: () => {}, all: () => [] };
    const provider = providers({ environment, log: () => {}, openNotes: () => memory })(thing);
    const created = await provider.create({ name: "it", __provider: "text" });
    expect(created.id).toBe(`XX${"0".repeat(32)}`);
    expect(Struct.fromJavaScript(created.outs).toJavaScript()).toMatchObject({
      __provider: "text",
      odd: { when: "1970-01-01T00:00:00.000Z", big: { list: [null, null] } },
    });
    const { inputs } = await provider.check({}, { name: undefined, __provider: "text" });
    expect(Struct.fromJavaScript(inputs as object).toJavaScript()).toEqual({ __provider: "text" });
    const { outs } = await provider.update(created.id, created.outs, { ...created.outs, odd: undefined });
    expect(() => Struct.fromJavaScript(outs)).not.toThrow();
  });

  it("would be refused by the engine's protocol", () => {
    expect(() => Struct.fromJavaScript({ missing: undefined })).toThrow("Unexpected struct type");
    expect(() => Struct.fromJavaScript({ call: () => 1 })).toThrow("Unexpected struct type");
  });
});
