import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type UpdatingProxy, updatingProxy } from "../support/updating-proxy";
import { alias, contentsOf, number, openProject as openProjectIn, openWorkspace, type Project } from "./cli-project";
import { type EmulatorClient, emulatorClient } from "./twilio";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let emulator: Emulator;
let twilio: EmulatorClient;
let workspace: Awaited<ReturnType<typeof openWorkspace>>;

beforeAll(async () => {
  emulator = await startEmulator();
  twilio = emulatorClient(emulator);
  workspace = await openWorkspace();
});
afterAll(async () => {
  await emulator.close();
  await workspace.close();
});

const openProject = (name: string, backend: string, stacks: readonly string[], url = emulator.url) =>
  openProjectIn(name, { folder: workspace.folder, backend, stacks, twilio: { ...twilio, url } });
const account = () => contentsOf(twilio);

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
