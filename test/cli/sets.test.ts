import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compose } from "../../src/cli/commands/ci/comment/compose";
import { readPlan } from "../../src/cli/commands/ci/comment/plan";
import { describe as inWords } from "../../src/cli/commands/drift/report";
import { readDigest } from "../../src/cli/shared/digest";
import type { DriftReport } from "../../src/cli/shared/drift-report";
import { type Topology, topologyOf } from "../../src/cli/shared/topology/topology";
import { openProgram, type ProgramProject } from "./program";

vi.setConfig({ testTimeout: 120_000 });

const stores = {
  "store-1": { friendlyName: "Store 1", attributes: { city: "Ulm" } },
  "store-2": { friendlyName: "Store 2" },
  "store-3": { uniqueName: "three", forceDestroy: true },
};

interface Declared {
  readonly stores: Readonly<Record<string, object>>;
  readonly team: Readonly<Record<string, object>>;
  readonly others?: Readonly<Record<string, object>>;
  readonly hasLobby?: boolean;
}

const programOf = ({ stores, team, others = { spare: {} }, hasLobby = true }: Declared) => `
const { ConversationSet, ParticipantSet, UserSet } = require("pulumi-twilio-conversations");
const number = new PhoneNumber("front-desk", { search: { country: "US", smsEnabled: true } });
const service = new ConversationService("support", { friendlyName: "Support" });
const stores = new ConversationSet("stores", { service, items: ${JSON.stringify(stores)} });
new ConversationSet("hidden", { service, items: { a: { friendlyName: pulumi.secret("hush") }, b: { friendlyName: "B" } } });
new ConversationSet("others", { service, items: ${JSON.stringify(others)} });
${hasLobby ? 'new Conversation("lobby", { service, friendlyName: "Lobby" });' : ""}
new UserSet("agents", { service, items: { grace: { identity: "grace", friendlyName: "Grace" } } });
const hello = new Conversation("hello", { service, friendlyName: "Hello" });
new ParticipantSet("team", { conversation: hello, items: { ...${JSON.stringify(team)}, mobile: { sms: { address: "+15558675310", proxyAddress: number.phoneNumber } } } });
new Participant("visitor", { conversation: stores.ids.apply((ids) => ids["store-1"]), identity: "eve" });
`;

const deployed: Declared = { stores, team: { ada: { identity: "ada" } } };

describe("commands with sets, on the real engine", () => {
  let project: ProgramProject;
  /** What `pulumi preview --json` prints before the first update. */
  let first: string;
  beforeAll(async () => {
    project = await openProgram(programOf(deployed));
    first = await project.pulumi("preview", "--json");
    await project.pulumi("up", "--yes", "--skip-preview");
  });
  afterAll(() => project?.close());

  const service = async () => project.twilio.client.conversations.v1.services(await project.idOf("support"));
  async function sidOf(friendlyName: string): Promise<string> {
    const found = (await (await service()).conversations.list()).find((one) => one.friendlyName === friendlyName);
    return String(found?.sid);
  }
  const commentOn = (preview: string) => compose({ plan: readPlan(preview, "a preview") }, { limit: 65_536, folds: true, draws: true });
  async function previewOf(declared: Declared): Promise<string> {
    await project.write(programOf(declared));
    return project.pulumi("preview", "--json");
  }
  async function drift() {
    const { code, stdout, stderr } = await project.command(["drift", "--stack", "dev", "--json"]);
    expect(stdout, stderr).not.toBe("");
    return { code, report: JSON.parse(stdout) as DriftReport };
  }
  async function graph(...args: string[]): Promise<Topology> {
    const { stdout, stderr } = await project.command(["graph", "--stack", "dev", "--json", ...args]);
    expect(stdout, stderr).not.toBe("");
    return JSON.parse(stdout) as Topology;
  }
  const titled = ({ nodes }: Topology, kind: string) => nodes.filter((node) => node.kind === kind).map(({ title }) => title);
  const linked = ({ nodes, edges }: Topology, relation: string) => {
    const titleOf = (id: string) => nodes.find((node) => node.id === id)?.title;
    return edges.filter((edge) => edge.relation === relation).map(({ from, to }) => `${titleOf(from)} > ${titleOf(to)}`);
  };

  it("graph: items are nodes in their parents, with the titles of single resources", async () => {
    const topology = await graph();
    expect(titled(topology, "conversation").sort()).toEqual([
      "B",
      "Hello",
      "Lobby",
      "Store 1",
      "Store 2",
      "[secret]",
      expect.stringMatching(/^spare~/),
      "three",
    ]);
    expect(titled(topology, "user")).toEqual(["grace"]);
    expect(linked(topology, "holds")).toEqual(expect.arrayContaining(["Support > Store 1", "Support > three", "Support > Hello"]));
    expect(linked(topology, "includes").sort()).toEqual(["Hello > +15558675310", "Hello > ada", "Store 1 > eve"]);
    expect(linked(topology, "reaches")).toEqual([expect.stringMatching(/^\+1\d+ > Hello$/)]);
    expect(topology.nodes.find(({ title }) => title === "Store 2")?.name).toBe('stores.items["store-2"]');
    expect(topology.nodes.filter(({ outside }) => outside)).toEqual([]);
  });

  it("graph of a first preview: who is in an item that has no id yet is in one of the set's", () => {
    const topology = topologyOf([], readDigest(first)?.steps);
    expect(topology.nodes.filter(({ change }) => change !== "create").map(({ title }) => title)).toEqual(["one of stores"]);
    expect(linked(topology, "includes")).toContain("one of stores > (not known yet)");
    expect(linked(topology, "holds")).toContain("Support > one of stores");
  });

  it("ci comment on a first preview: the items are counted as what they are", () => {
    const comment = commentOn(first);
    expect(comment).toContain("8 conversations created");
    expect(comment).toContain("3 participants created");
    expect(comment).toContain("1 conversation user created");
    expect(comment).toContain('| ➕ create | Conversation `stores.items["store-1"]` |  | `"Store 1"` |');
    expect(comment).not.toContain("set");
    expect(comment).not.toContain("hush");
    expect(comment).toContain("Store 1");
  });

  it("drift: nothing is found where nothing drifted, and items are compared as single resources", async () => {
    await project.write(programOf(deployed));
    const before = await drift();
    expect(before.report.drifted).toEqual([]);
    expect(before).toMatchObject({ code: 0, report: { drift: false, leftAlone: [] } });
    const { conversations } = await service();
    await conversations(await sidOf("Store 1")).update({ friendlyName: "Shop 1", attributes: '{"city":"Ulm","mine":1}' });
    await conversations(await sidOf("Store 2")).remove();
    const { code, report } = await drift();
    expect(code).toBe(2);
    expect(report.drifted).toEqual([
      {
        urn: expect.stringMatching(/Conversation::stores\.items\["store-1"\]$/),
        type: "Conversation",
        name: 'stores.items["store-1"]',
        id: `${await project.idOf("support")}/${await sidOf("Shop 1")}`,
        gone: false,
        properties: [{ property: "friendlyName", declared: "Store 1", actual: "Shop 1", repair: "update" }],
      },
      expect.objectContaining({ type: "Conversation", name: 'stores.items["store-2"]', gone: true, properties: [] }),
    ]);
    expect(report.leftAlone.map(({ name, property }) => [name, property])).toEqual([['stores.items["store-1"]', "attributes.mine"]]);
    expect(inWords(report)).toMatch(/^Conversation stores\.items\["store-2"\] +– +there +gone +the program: a new one is created$/m);
    const fixed = await project.command(["drift", "--stack", "dev", "--fix", "--json"]);
    expect(JSON.parse(fixed.stdout)).toMatchObject({ drift: false, fixed: [{ name: 'stores.items["store-1"]' }, { gone: true }] });
    expect(await sidOf("Store 2")).toMatch(/^CH/);
  });

  it("drift --fix does not delete an item that the program in the folder no longer declares", async () => {
    const sid = await sidOf("Store 1");
    await (await service()).conversations(sid).update({ friendlyName: "Shop 1" });
    const { "store-2": _, ...left } = stores;
    await project.write(programOf({ ...deployed, stores: left }));
    const { code, stderr } = await project.command(["drift", "--stack", "dev", "--fix"]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no longer declares Conversation stores.items["store-2"], which a repair would delete'),
    });
    await (await service()).conversations(sid).update({ friendlyName: "Store 1" });
  });

  it("ci comment: what is replaced and deleted is named, and the rest counted", async () => {
    const comment = commentOn(
      await previewOf({
        stores: {
          "store-1": { friendlyName: "Shop 1", attributes: { city: "Ulm" } },
          "store-2": stores["store-2"],
          "store-4": {},
          "store-5": {},
        },
        team: { ada: { identity: "ada lovelace" } },
      }),
    );
    const headline = "1 participant replaced, 1 conversation deleted, 2 conversations created, 1 conversation changed.";
    // What refers to the items of a set that changes is not known before the update.
    expect(comment).toContain(headline.replace("1 participant", "2 participants"));
    expect(comment).toContain('**Replaced:** Participant `team.items["ada"]`, because of `identity`.');
    expect(comment).toContain('**Deleted:** Conversation `stores.items["store-3"]`, with all messages in it (`forceDestroy`).');
    expect(comment).toContain('| ✏️ change | Conversation `stores.items["store-1"]` | `friendlyName` | `"Store 1"` → `"Shop 1"` |');
    expect(comment).not.toMatch(/Conversation `stores\.items\["store-2"\]`/);
  });

  it("ci comment: what an item takes over from another set or from a resource is neither created nor deleted", async () => {
    const { "store-3": three, ...left } = stores;
    const others = { spare: {}, "store-3": three, lobby: { friendlyName: "Foyer" } };
    const comment = commentOn(await previewOf({ ...deployed, stores: left, others, hasLobby: false }));
    expect(comment).toContain("**1 participant replaced, 2 conversations changed.**");
    expect(comment).toContain('| ✏️ change | Conversation `others.items["lobby"]` | `friendlyName` | `"Lobby"` → `"Foyer"` |');
    expect(comment).toContain('| ✏️ change | Conversation `others.items["store-3"]` |  | internal properties |');
    expect(comment).not.toContain("**Deleted:**");
    expect(comment).toContain("takes over");
  });

  it("ci comment: a change that no item shows is one of the set", async () => {
    await project.write(programOf(deployed).replace('pulumi.secret("hush")', 'pulumi.secret("other")'));
    const comment = commentOn(await project.pulumi("preview", "--json"));
    expect(comment).toContain("**1 conversation set changed.**");
  });

  it("doctor: counts the items, and names one of another account", async () => {
    const { stdout } = await project.command(["doctor", "--stack", "dev", "--json"]);
    const found = JSON.parse(stdout) as { findings?: { name: string; detail: string }[] };
    const findings = found.findings ?? (found as unknown as { name: string; detail: string }[]);
    expect(findings.find(({ name }) => name === "stack account")?.detail).toMatch(/^all 14 resources are in AC/);
  });
});
