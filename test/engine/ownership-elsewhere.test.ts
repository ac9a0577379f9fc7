import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { contentsOf, number, openProject, openWorkspace, type Project } from "./cli-project";
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

/** A project on this machine: all share one cache. */
const open = (name: string, backend: string) =>
  openProject(name, {
    folder: workspace.folder,
    backend,
    stacks: ["dev"],
    twilio,
    env: { XDG_CACHE_HOME: join(workspace.folder, "cache") },
  });
const account = () => contentsOf(twilio);

describe("an operation on some resources (`--target`), and a stack that is imported into another backend", () => {
  let one: Project;
  let first: Record<string, string>;
  const room = (name: string, friendlyName: string) =>
    `const ${name} = new twilio.Conversation("${name}", { friendlyName: "${friendlyName}" });`;
  const ann = (conversation: string) => `new twilio.Participant("ann", { conversation: ${conversation}, identity: "ann" });`;
  const renamed = `${number("reception")} ${room("lobby", "One")} ${ann("lobby")}`;

  beforeAll(async () => {
    one = await open("partly", "partly-state");
    await one.program(`${number("desk")} ${room("room", "One")} ${ann("room")}`);
    await one.up("dev");
    first = await one.ids("dev");
  });
  afterAll(() => emulator.reset());

  it("`up --target` takes nothing that a resource beside the targets has, even if its mark is that of a target", async () => {
    const before = await account();
    const [desks, rooms] = [await one.urn("dev", "desk"), await one.urn("dev", "room")];
    // The names change in the state only, so the marks at Twilio are those of the former names, which the targets have.
    await one.pulumi("dev", "state rename", desks, "reception", "--yes");
    await one.pulumi("dev", "state rename", rooms, "lobby", "--yes");
    await one.program(`${number("desk")} ${room("room", "Two")} ${renamed}`);
    await one.up("dev", "--target", desks, "--target", rooms);
    const { desk, room: added, ...others } = await one.ids("dev");
    expect(others).toEqual({ reception: first.desk, lobby: first.room, ann: first.ann });
    expect(added).not.toBe(first.room);
    const after = await account();
    expect(Object.keys(after.numbers).sort()).toEqual([desk, first.desk].sort());
    expect(after).toMatchObject({ numbers: before.numbers, people: before.people });
    expect(after.rooms).toEqual(expect.arrayContaining(before.rooms));
  });

  it("a refresh in an empty account of the same SID is refused, and the state keeps everything", async () => {
    const before = await one.ids("dev");
    const empty = await startEmulator();
    expect(empty.accountSid).toBe(twilio.accountSid);
    const elsewhere = await openProject("partly", { folder: workspace.folder, backend: "partly-state", stacks: [], twilio: empty });
    const refresh = elsewhere.pulumi("dev", "refresh", "--yes", "--skip-preview");
    await expect(refresh).rejects.toThrow(`None of the stack's objects that were read is found at ${empty.url}`);
    await empty.close();
    expect(await one.ids("dev")).toEqual(before);
  });

  it("`destroy --target` deletes and releases the targets only", async () => {
    await one.destroy("dev", "--target", await one.urn("dev", "desk"), "--target", await one.urn("dev", "room"));
    expect(await one.ids("dev")).toEqual({ reception: first.desk, lobby: first.room, ann: first.ann });
    const { numbers, rooms, people } = await account();
    expect([Object.keys(numbers), rooms.length, people.length]).toEqual([[first.desk], 1, 1]);
  });

  it("two backends that hold one stack buy nothing; after a destroy in one, the other creates objects of its own", async () => {
    await one.program(renamed);
    const two = await open("partly", "imported-state");
    const file = join(workspace.folder, "exported.json");
    await one.pulumi("dev", "stack export", "--file", file);
    await two.pulumi("dev", "stack import", "--file", file);
    // Renews the marks; the first backend's state has the former ones.
    expect(await two.up("dev")).not.toMatch(/created|replaced|deleted/);
    expect(await one.up("dev")).not.toMatch(/created|replaced|deleted/);
    expect([await one.ids("dev"), Object.keys((await account()).numbers)]).toEqual([await two.ids("dev"), [first.desk]]);
    await two.destroy("dev");
    expect(await account()).toEqual({ numbers: {}, rooms: [], people: [] });
    await one.up("dev");
    const again = await one.ids("dev");
    const ofOne = await account();
    expect([Object.keys(ofOne.numbers), ofOne.rooms.length, ofOne.people.length]).toEqual([[again.reception], 1, 1]);
    await two.up("dev");
    const own = await two.ids("dev");
    for (const name of ["reception", "lobby", "ann"]) expect(own[name]).not.toBe(again[name]);
    await two.destroy("dev");
    expect(await account()).toEqual(ofOne);
  });
});

describe("several `TwilioProvider`s in one program", () => {
  afterAll(() => emulator.reset());

  it("take nothing of each other, of one account or of two, and a destroy of one's resources deletes nothing of the others", async () => {
    const sub = await twilio.rest<{ sid: string; auth_token: string }>("api.twilio.com/2010-04-01/Accounts.json", { FriendlyName: "Sub" });
    const project = await open("providers", "providers-state");
    const provider = (name: string, accountSid: string, authToken: string) =>
      `const ${name} = { provider: new twilio.TwilioProvider("${name}", ${JSON.stringify({ accountSid, authToken, baseUrl: emulator.url })}) };`;
    const providers = `${provider("one", twilio.accountSid, twilio.authToken)} ${provider("two", twilio.accountSid, twilio.authToken)}
${provider("sub", sub.sid, sub.auth_token)}`;
    const resources = (name: string) => `${number(`desk-${name}`, `, ${name}`)}
const room_${name} = new twilio.Conversation("room-${name}", { friendlyName: "Room" }, ${name});
new twilio.ConversationService("support-${name}", { friendlyName: "Support" }, ${name});
new twilio.Participant("ann-${name}", { conversation: room_${name}, identity: "ann" }, ${name});`;
    await project.program([providers, ...["one", "two", "sub"].map(resources)].join("\n"));
    await project.up("dev");
    const ids = await project.ids("dev");
    expect(new Set(Object.values(ids)).size).toBe(12);
    const main = await account();
    const inSub = await contentsOf(emulatorClient({ ...twilio, accountSid: sub.sid, authToken: sub.auth_token }));
    expect(Object.keys(main.numbers).sort()).toEqual([ids["desk-one"], ids["desk-two"]].sort());
    expect(Object.keys(inSub.numbers)).toEqual([ids["desk-sub"]]);
    expect([main.rooms.length, main.people.length, inSub.rooms.length, inSub.people.length]).toEqual([2, 2, 1, 1]);
    await project.program([providers, ...["one", "sub"].map(resources)].join("\n"));
    await project.up("dev");
    const left = await account();
    expect([Object.keys(left.numbers), left.rooms, left.people]).toEqual([
      [ids["desk-one"]],
      [expect.stringContaining(String(ids["room-one"]?.split("/")[1]))],
      [expect.stringContaining(String(ids["ann-one"]?.split("/")[2]))],
    ]);
    expect(await contentsOf(emulatorClient({ ...twilio, accountSid: sub.sid, authToken: sub.auth_token }))).toEqual(inSub);
  });
});
