import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { engineEnv, type StateResource, startCli } from "../support/engine";
import { type UpdatingProxy, updatingProxy } from "../support/updating-proxy";
import { type EmulatorClient, emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");
const number = (name: string, more = "") =>
  `new twilio.PhoneNumber("${name}", { search: { country: "US", smsEnabled: true }, onDelete: "release" }${more});`;
const alias = (former: string) => `, { aliases: [{ name: "${former}" }] }`;

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let emulator: Emulator;
let twilio: EmulatorClient;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator();
  twilio = emulatorClient(emulator);
  folder = await mkdtemp(join(tmpdir(), "twilio-ownership-"));
  await mkdir(join(folder, "node_modules"));
  for (const name of ["@pulumi", "twilio"]) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  await symlink(root, join(folder, "node_modules", "pulumi-twilio-conversations"));
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** A project with stacks in one backend, run by the real CLI: an inline program would run with this process's environment. */
interface Project {
  /** What the next operation runs; `twilio` and `stack` are known to it. */
  program(text: string): Promise<void>;
  /** Runs the CLI and expects that it succeeds. Returns what it printed. */
  pulumi(stack: string, ...args: string[]): Promise<string>;
  up(stack: string, ...args: string[]): Promise<string>;
  destroy(stack: string): Promise<string>;
  /** The ids in a stack's state, by the names of the resources. */
  ids(stack: string): Promise<Record<string, string>>;
  urn(stack: string, name: string): Promise<string>;
}

/** Creates stacks. Two projects of one name are one program with two backends. */
async function openProject(name: string, backend: string, stacks: readonly string[], url = emulator.url): Promise<Project> {
  const cwd = join(folder, name);
  const state = join(folder, backend);
  await mkdir(cwd, { recursive: true });
  await mkdir(state, { recursive: true });
  await writeFile(join(cwd, "Pulumi.yaml"), `name: ${name}\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n`);
  await writeFile(join(cwd, "package.json"), JSON.stringify({ name, private: true }));
  const { accountSid, authToken } = emulator;
  const login = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url };
  const env = { ...engineEnv(state), ...login };
  const pulumi = async (stack: string, command: string, ...args: string[]) => {
    const run = await startCli([...command.split(" "), ...args, ...(stack ? ["--stack", stack] : [])], { cwd, env }).ended;
    expect(run.code, run.stdout + run.stderr).toBe(0);
    return run.stdout + run.stderr;
  };
  const resources = async (stack: string) => {
    const text = await readFile(join(state, ".pulumi", "stacks", name, `${stack}.json`), "utf8");
    const all = (JSON.parse(text).checkpoint.latest.resources ?? []) as StateResource[];
    return all.filter(({ type }) => type.startsWith("pulumi-nodejs:"));
  };
  for (const stack of stacks) await pulumi("", "stack init", stack, "--no-select");
  const last = (urn: string) => urn.split("::").at(-1) as string;
  return {
    program: (text) =>
      writeFile(
        join(cwd, "index.js"),
        `const twilio = require("pulumi-twilio-conversations");\nconst stack = require("@pulumi/pulumi").getStack();\n${text}\n`,
      ),
    pulumi,
    up: (stack, ...args) => pulumi(stack, "up", "--yes", "--skip-preview", ...args),
    destroy: (stack) => pulumi(stack, "destroy", "--yes", "--skip-preview"),
    ids: async (stack) => Object.fromEntries((await resources(stack)).map(({ urn, id }) => [last(urn), id])),
    urn: async (stack, wanted) => (await resources(stack)).find(({ urn }) => last(urn) === wanted)?.urn as string,
  };
}

/** The account's numbers, conversations of the default service, and their participants. */
async function account() {
  const numbers = await twilio.client.incomingPhoneNumbers.list();
  const { conversations } = twilio.client.conversations.v1;
  const rooms = await conversations.list();
  const people = (await Promise.all(rooms.map(({ sid }) => conversations(sid).participants.list()))).flat();
  return {
    numbers: Object.fromEntries(numbers.map(({ sid, friendlyName }) => [sid, friendlyName])),
    rooms: rooms.map(({ sid, friendlyName }) => `${sid} ${friendlyName}`).sort(),
    people: people.map(({ sid, identity }) => `${sid} ${identity}`).sort(),
  };
}

const lastSid = (id: string | undefined) => String(id).split("/").at(-1) as string;

describe("a stack that is renamed, and a new stack of its former name", () => {
  let project: Project;
  let staging: Record<string, string>;
  let before: Awaited<ReturnType<typeof account>>;

  beforeAll(async () => {
    project = await openProject("renamed", "renamed-state", ["dev"]);
    await project.program(`${number("desk")}
const room = new twilio.Conversation("room", { friendlyName: "Room" });
new twilio.Participant("ann", { conversation: room, identity: "ann" });`);
    await project.up("dev");
    await project.pulumi("dev", "stack rename", "staging");
    staging = await project.ids("staging");
    before = await account();
    await project.pulumi("", "stack init", "dev", "--no-select");
  });
  afterAll(() => emulator.reset());

  /** The new stack gets objects of its own; its end changes none of the renamed stack's. */
  async function expectSeparate() {
    await project.up("dev");
    const dev = await project.ids("dev");
    for (const name of ["desk", "room", "ann"]) expect(dev[name]).not.toBe(staging[name]);
    const both = await account();
    expect(Object.keys(both.numbers).sort()).toEqual([dev.desk, staging.desk].sort());
    expect([both.rooms.length, both.people.length]).toEqual([2, 2]);
    await project.destroy("dev");
  }

  it("share nothing before the first update of the renamed stack", async () => {
    await expectSeparate();
    expect(await account()).toEqual(before);
  });

  it("share nothing after it: the update renews the marks, and each stack keeps what it has", async () => {
    const text = await project.up("staging");
    expect(text).toContain("unchanged");
    expect(text).not.toMatch(/created|replaced|deleted/);
    expect(await project.ids("staging")).toEqual(staging);
    const renewed = await account();
    expect(renewed.numbers[String(staging.desk)]).toMatch(/^pulumi renamed\/staging\/desk @[0-9a-f]{5}$/);
    await expectSeparate();
    expect(await account()).toEqual(renewed);
    expect(await project.up("staging", "--expect-no-changes")).toContain("unchanged");
  });
});

describe("a resource that an alias renames, and a new one of its former name", () => {
  let project: Project;
  beforeAll(async () => {
    project = await openProject("aliased", "aliased-state", ["new-last", "new-first"]);
  });
  afterAll(() => emulator.reset());

  const old = `${number("desk")} new twilio.Conversation("room", { friendlyName: "One" });`;
  const renamed = `${number("reception", alias("desk"))} new twilio.Conversation("lobby", { friendlyName: "One" }${alias("room")});`;
  const added = `${number("desk")} new twilio.Conversation("room", { friendlyName: "Two" });`;

  it.each([
    ["new-last", `${renamed}\n${added}`],
    ["new-first", `${added}\n${renamed}`],
  ])("have objects of their own, whichever is declared first (%s)", async (stack, both) => {
    await project.program(old);
    await project.up(stack);
    const first = await project.ids(stack);
    await project.program(renamed);
    await project.up(stack);
    expect(await project.ids(stack)).toMatchObject({ reception: first.desk, lobby: first.room });
    await project.program(both);
    const text = await project.pulumi(stack, "up", "--yes");
    const { desk, room, reception, lobby } = await project.ids(stack);
    expect([reception, lobby]).toEqual([first.desk, first.room]);
    const { numbers, rooms } = await account();
    expect(numbers[String(desk)]).toMatch(new RegExp(`^pulumi aliased/${stack}/desk @`));
    expect(numbers[String(reception)]).toMatch(new RegExp(`^pulumi aliased/${stack}/reception @`));
    expect(rooms).toEqual(expect.arrayContaining([`${lastSid(lobby)} One`, `${lastSid(room)} Two`]));
    // The preview and the update name the same offer.
    const { phoneNumber } = await twilio.client.incomingPhoneNumbers(String(desk)).fetch();
    expect(new Set([...text.matchAll(/will buy (\+\d+)/g)].map(([, offer]) => offer))).toEqual(new Set([phoneNumber]));
  });
});

describe("two backends with the same project and stack", () => {
  afterAll(() => emulator.reset());

  it("share no number and no conversation, and a destroy of the second changes nothing of the first", async () => {
    const [one, two] = [await openProject("shared", "backend-one", ["dev"]), await openProject("shared", "backend-two", ["dev"])];
    await one.program(`${number("desk")}
const room = new twilio.Conversation("room");
new twilio.Conversation("inner", { service: new twilio.ConversationService("support", { friendlyName: "Support" }) });
new twilio.Participant("ann", { conversation: room, identity: "ann" });`);
    await one.up("dev");
    const before = await account();
    const first = await one.ids("dev");
    await two.up("dev");
    const second = await two.ids("dev");
    for (const name of ["desk", "room", "inner", "support", "ann"]) expect(second[name]).not.toBe(first[name]);
    await two.destroy("dev");
    expect(await account()).toEqual(before);
    expect(await one.pulumi("dev", "refresh", "--yes", "--skip-preview", "--expect-no-changes")).toContain("unchanged");
  });
});

describe("a Twilio that carries out the purchase of an owned number as an update of it", () => {
  let proxy: UpdatingProxy;
  beforeAll(async () => {
    proxy = await updatingProxy(emulator.url);
  });
  afterAll(async () => {
    await proxy.close();
    await emulator.reset();
  });

  it("leaves two stacks that buy by the same search at the same time with a number each", async () => {
    const stacks = ["a", "b"];
    const project = await openProject("same-search", "same-search-state", stacks, proxy.url);
    await project.program(
      `new twilio.PhoneNumber("desk", { search: { country: "US", areaCode: "415" }, smsUrl: \`https://\${stack}.example.com\` });`,
    );
    await Promise.all(stacks.map((stack) => project.up(stack)));
    const ids = await Promise.all(stacks.map(async (stack) => (await project.ids(stack)).desk));
    const numbers = await twilio.client.incomingPhoneNumbers.list();
    const found = ids.map((id) => numbers.find(({ sid }) => sid === id));
    expect(numbers).toHaveLength(2);
    expect(found.map((one) => [one?.smsUrl, one?.friendlyName.replace(/ @.*/, "")])).toEqual(
      stacks.map((stack) => [`https://${stack}.example.com`, `pulumi same-search/${stack}/desk`]),
    );
  });
});

describe("a resource whose name or stack is changed in the state", () => {
  let project: Project;
  beforeAll(async () => {
    project = await openProject("moved", "moved-state", ["a", "b"]);
    await project.program(number("desk"));
    await project.up("a");
  });
  afterAll(() => emulator.reset());

  it("keeps its number after `pulumi state rename`, and a new resource of the former name buys another one", async () => {
    const { desk } = await project.ids("a");
    await project.pulumi("a", "state rename", await project.urn("a", "desk"), "reception", "--yes");
    await project.program(`${number("desk")} ${number("reception")}`);
    await project.up("a");
    const ids = await project.ids("a");
    expect(ids.reception).toBe(desk);
    expect(ids.desk).not.toBe(desk);
    expect((await account()).numbers).toEqual({
      [String(desk)]: expect.stringMatching(/^pulumi moved\/a\/reception @/),
      [String(ids.desk)]: expect.stringMatching(/^pulumi moved\/a\/desk @/),
    });
  });

  it("keeps its number after `pulumi state move`, and the stack that it left buys another one, which it alone releases", async () => {
    const { desk: moved } = await project.ids("a");
    await project.pulumi("", "state move", "--source", "a", "--dest", "b", await project.urn("a", "desk"), "--yes");
    expect((await project.ids("b")).desk).toBe(moved);
    // Before the other stack has renewed the mark.
    await project.up("a");
    const { desk } = await project.ids("a");
    expect(desk).not.toBe(moved);
    await project.program(number("desk"));
    await project.up("b");
    expect((await project.ids("b")).desk).toBe(moved);
    await project.destroy("a");
    expect((await account()).numbers).toEqual({ [String(moved)]: expect.stringMatching(/^pulumi moved\/b\/desk @/) });
  });
});

describe("a number that a destroy has kept", () => {
  afterAll(() => emulator.reset());

  it("is not used for a search that it does not meet, and both the preview and the update say so", async () => {
    const project = await openProject("kept", "kept-state", ["dev"]);
    await project.program('new twilio.PhoneNumber("desk", { search: { country: "US", smsEnabled: true } });');
    await project.up("dev");
    const { desk: kept } = await project.ids("dev");
    await project.destroy("dev");
    await project.program('new twilio.PhoneNumber("desk", { search: { country: "GB", type: "mobile" } });');
    const said = new RegExp(`\\(${kept}\\), which was bought for this resource before, does not meet country and is not used`);
    expect(await project.pulumi("dev", "preview")).toMatch(said);
    expect(await project.up("dev")).toMatch(said);
    const { desk } = await project.ids("dev");
    expect((await twilio.client.incomingPhoneNumbers(String(desk)).fetch()).phoneNumber).toMatch(/^\+44/);
    expect(Object.keys((await account()).numbers).sort()).toEqual([desk, kept].sort());
  });
});
