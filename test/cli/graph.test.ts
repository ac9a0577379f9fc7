import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dot } from "../../src/cli/commands/graph/dot";
import { svg } from "../../src/cli/commands/graph/svg";
import { mermaid } from "../../src/cli/shared/topology/mermaid";
import { type Topology, topologyOf } from "../../src/cli/shared/topology/topology";
import { type CliStack, openCliStack } from "../engine/cli-stack";
import { describeInBrowser, pages } from "../support/browser";
import { engineEnv } from "../support/engine";
import { run } from "../tools/program";
import { resource, resources, urn, wildNames } from "./graph-state";
import { openProject, type Project } from "./project";

const CLI = "dist/cli/main.js";
const many = resources({ services: 5, conversations: 4, participants: 9, numbers: 7 });
const crowd = resources({ services: 1, conversations: 1, participants: 60, numbers: 12 });

describe("twilio-conversations graph", () => {
  it("draws numbers, conversations and participants in natural order, whatever the order of the state", () => {
    const found = [...resources({ services: 1, conversations: 12, participants: 3, numbers: 11 })].reverse();
    const titled = found.map((resource) => ({
      ...resource,
      inputs: { ...resource.inputs, friendlyName: resource.urn.split("::").at(-1) },
    }));
    const { nodes, edges } = topologyOf(titled);
    const titles = (kind: string) => nodes.filter((node) => node.kind === kind).map(({ title }) => title);
    expect(titles("conversation")).toEqual(Array.from({ length: 12 }, (_, n) => `conversation-0-${n}`));
    expect(titles("number")).toEqual(Array.from({ length: 11 }, (_, n) => `+1415555${1000 + n}`));
    const held = edges.filter(({ relation }) => relation === "holds").map(({ to }) => to);
    expect(held).toEqual(Array.from({ length: 12 }, (_, n) => urn("conversation", `conversation-0-${n}`)));
  });

  it("draws a messaging service as a group of its senders, each reached by its number", () => {
    const topology = topologyOf([
      resource("numbers:PhoneNumber", "desk", "PN1", { phoneNumber: "+14155550100" }),
      resource("messaging:MessagingService", "notices", "MG1", { friendlyName: "Notices" }),
      resource(
        "messaging:MessagingServiceSender",
        "by-number",
        "MG1/PN1",
        { messagingService: "MG1", phoneNumber: "PN1" },
        { sender: "+14155550100" },
      ),
      resource("messaging:MessagingServiceSender", "by-name", "MG1/AI1", { messagingService: "MG1", alphaSender: "My Shop" }),
    ]);
    expect(topology.nodes.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
      "number +14155550100",
      "messaging service Notices",
      "sender +14155550100",
      "sender My Shop",
    ]);
    const nameOf = (id: string) => id.split("::").at(-1);
    expect(topology.edges.map(({ from, to, relation }) => [nameOf(from), relation, nameOf(to)])).toEqual([
      ["desk", "reaches", "by-number"],
      ["notices", "holds", "by-number"],
      ["notices", "holds", "by-name"],
    ]);
    for (const drawn of [mermaid(topology), dot(topology), svg(topology, "dev")])
      for (const title of ["Notices", "My Shop"]) expect(drawn).toContain(title);
    expect(svg(topology, "dev")).not.toContain("Others in the account");
  });

  describe("on the real engine", () => {
    let stack: CliStack;
    let env: NodeJS.ProcessEnv;
    beforeAll(async () => {
      stack = await openCliStack();
      env = { ...process.env, ...engineEnv(stack.folder) };
    });
    afterAll(() => stack.close());
    const graph = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(CLI, ["graph", "--stack", "dev", ...args], env);
      return { code, stderr, stdout, drawn: () => JSON.parse(stdout) as Topology & { stack?: string } };
    };

    it("draws what will be created, then what exists, then what will be deleted", async () => {
      const preview = join(stack.folder, "preview.json");
      await writeFile(preview, (await stack.pulumi("preview", "--json").ended).stdout);
      const planned = (await graph("--json", "--preview", preview)).drawn();
      expect(planned.nodes.map(({ kind, change }) => `${change} ${kind}`).sort()).toEqual(
        ["conversation", "number", "participant", "participant", "service"].map((kind) => `create ${kind}`),
      );

      await stack.pulumi("up").ended;
      const { nodes, edges } = (await graph("--json")).drawn();
      const title = (kind: string) => nodes.filter((node) => node.kind === kind).map((node) => node.title);
      const services = await stack.twilio.client.conversations.v1.services.list();
      const service = services.find(({ friendlyName }) => friendlyName === title("service")[0]);
      const at = stack.twilio.client.conversations.v1.services(service?.sid as string).conversations;
      const [conversation] = await at.list();
      const participants = await at(conversation?.sid as string).participants.list();
      const bindings = participants.map(({ messagingBinding }) => messagingBinding as Record<string, string> | null);
      expect(title("service")).toEqual([service?.friendlyName]);
      expect(title("conversation")).toEqual([conversation?.friendlyName]);
      expect(title("number")).toEqual(bindings.flatMap((binding) => (binding ? [binding.proxy_address] : [])));
      expect(title("participant").sort()).toEqual(participants.map(({ identity }, index) => identity ?? bindings[index]?.address).sort());
      // The edges are the same as in the preview, where nothing had an id yet.
      expect(new Set(edges.map((edge) => JSON.stringify(edge)))).toEqual(new Set(planned.edges.map((edge) => JSON.stringify(edge))));
      expect(nodes.filter(({ change, outside }) => change || outside)).toEqual([]);

      const deleted = nodes.find(({ title }) => title === "testPineapple")?.id as string;
      await writeFile(preview, JSON.stringify({ steps: [{ op: "delete", urn: deleted }], changeSummary: { delete: 1, same: 5 } }));
      const left = (await graph("--json", "--preview", preview)).drawn().nodes;
      expect(left.filter(({ change }) => change).map(({ id, change }) => [id, change])).toEqual([[deleted, "delete"]]);
      expect(left).toHaveLength(nodes.length);
    });
  });

  describe("as a command", () => {
    let project: Project;
    beforeAll(async () => {
      project = await openProject({}, {});
    });
    afterAll(() => project.close());

    it("writes each format, to a file or standard output", async () => {
      const file = join(project.folder, "topology.svg");
      expect(await project.command(["graph", "--stack", "dev", "--format", "svg", "--out", file])).toMatchObject({ code: 0, stdout: "" });
      expect(await readFile(file, "utf8")).toMatch(/^<svg [\s\S]*dev: 0 numbers, 0 services[\s\S]*<\/svg>\n$/);
      for (const [format, begins] of [
        ["mermaid", "flowchart LR"],
        ["dot", "digraph"],
        ["json", '{"stack":"dev"'],
      ] as const) {
        expect((await project.command(["graph", "--stack", "dev", "--format", format])).stdout.startsWith(begins)).toBe(true);
      }
    });

    it("reports on one line what is missing", async () => {
      const failed = join(project.folder, "failed.json");
      await writeFile(failed, JSON.stringify({ steps: [], diagnostics: [{ severity: "error", message: "no" }] }));
      const cases: [string[], RegExp][] = [
        [["--stack", "none"], /^error: the stack none cannot be read: no stack named 'none' found\n$/],
        [["--format", "png"], /^error: .*'png' is invalid. Allowed choices are svg, mermaid, dot, json./],
        [["--stack", "dev", "--preview", failed], /^error: \S+failed.json is the output of a preview that failed: .*\n$/],
        [["--stack", "dev", "--preview", "Pulumi.yaml"], /^error: Pulumi.yaml is not what `pulumi preview --json` prints: .*\n$/],
        [["--stack", "dev", "--preview", "nowhere.json"], /^error: .*nowhere.json.*\n$/],
      ];
      for (const [args, says] of cases) {
        const { code, stdout, stderr } = await project.command(["graph", ...args]);
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toMatch(says);
      }
    });
  });

  it("masks secrets, and shows what is outside the stack", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "hidden" };
    const [service, conversation] = [`IS${"1".repeat(32)}`, `IS${"1".repeat(32)}/CH${"2".repeat(32)}`];
    const participant = { type: "pulumi-nodejs:twilio/conversations:Participant" };
    const topology = topologyOf([
      { ...participant, urn: urn("participant", "a"), inputs: { conversation, identity: secret } },
      {
        ...participant,
        urn: urn("participant", "b"),
        inputs: { conversation, sms: { address: "[secret]", proxyAddress: "+14155550100" } },
      },
    ]);
    expect(topology.nodes.map(({ kind, title, outside }) => [kind, title, outside])).toEqual([
      ["number", "+14155550100", true],
      ["service", service, true],
      ["conversation", conversation, true],
      ["participant", "[secret]", undefined],
      ["participant", "[secret]", undefined],
    ]);
    expect(JSON.stringify(topology)).not.toContain("hidden");
  });

  it("draws an address configuration between its number and the service of its conversations", () => {
    const service = `IS${"1".repeat(32)}`;
    const address = (name: string, inputs: Record<string, unknown>) => ({
      urn: urn("address", name),
      type: "pulumi-nodejs:twilio/conversations:AddressConfiguration",
      inputs: { autoCreation: { default: {} }, ...inputs },
    });
    const topology = topologyOf([
      { urn: urn("service", "support"), type: "pulumi-nodejs:twilio/conversations:ConversationService", id: service, inputs: {} },
      { urn: urn("number", "desk"), type: "pulumi-nodejs:twilio/numbers:PhoneNumber", inputs: { phoneNumber: "+14155550100" } },
      address("texts", { type: "sms", address: "+14155550100", conversationService: service }),
      address("chats", { type: "whatsapp", address: "whatsapp:+14155550100", friendlyName: "Chats" }),
      address("mails", { type: "email", address: "help@example.com", conversationService: service }),
    ]);
    const name = (id: string) => topology.nodes.find((node) => node.id === id)?.title;
    expect(topology.edges.map(({ from, relation, to }) => `${name(from)} ${relation} ${name(to)}`).sort()).toEqual([
      "+14155550100 reaches +14155550100",
      "+14155550100 reaches Chats",
      "support holds +14155550100",
      "support holds help@example.com",
      "the account's default service holds Chats",
    ]);
    expect(topology.nodes.filter(({ kind }) => kind === "number")).toHaveLength(1);
    const picture = svg(topology, "dev");
    expect(picture).toContain("help@example.com");
    expect(picture).not.toContain("Numbers of no conversation");
  });

  it("treats a replacement as one change, whichever of its steps comes last", () => {
    const of = urn("conversation", "conversation-0-0");
    const steps = ["create-replacement", "replace", "delete-replaced"].map((op) => ({ op, urn: of }));
    for (const order of [steps, [...steps].reverse()]) {
      expect(
        topologyOf(many, order)
          .nodes.filter(({ change }) => change)
          .map(({ id, change }) => [id, change]),
      ).toEqual([[of, "replace"]]);
    }
  });

  it("keeps every name inside its label, in Mermaid and in DOT", () => {
    const topology = topologyOf(many, [{ op: "update", urn: urn("service", "service-1") }]);
    const lines = mermaid(topology).trimEnd().split("\n");
    const label = String.raw`"(?:[\p{L}\p{M}\p{N} .,:+()/_·~±−…-]|#\d+;|<br>)*"`;
    const line = new RegExp(
      String.raw`^ *(flowchart LR|end|n\d+ --> n\d+|subgraph n\d+\[${label}\]|n\d+(\[\[${label}\]\]|\(${label}\)|\[${label}\])|class(Def)? .*)$`,
      "u",
    );
    expect(lines.filter((text) => !line.test(text))).toEqual([]);
    const told = lines.join("\n").replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
    for (const name of wildNames) expect(told).toContain(name);

    const texts = [...dot(topology).matchAll(/label="((?:[^"\\]|\\.)*)"(?=[;,])/g)].map(([, text]) =>
      text?.replace(/\\(.)/g, (_, sign) => (sign === "n" ? "\n" : sign)),
    );
    for (const name of wildNames) expect(texts.some((text) => text?.includes(name))).toBe(true);
    const rest = dot(topology).replace(/"(?:[^"\\]|\\.)*"/g, "Q");
    expect(rest).not.toMatch(/["\\]/);
  });

  describeInBrowser("as a picture", () => {
    const browser = pages();

    it.each([
      ["5 nodes", resources({ services: 1, conversations: 1, participants: 2, numbers: 1 }), 1500, 800],
      ["200 nodes", many, 5000, 3500],
      ["a crowd in one conversation", crowd, 3500, 1500],
    ])("with %s, no text overlaps another or leaves its box, in light and dark mode", async (_name, all, widest, tallest) => {
      const project = await openProject({}, {});
      const picture = join(project.folder, "picture.svg");
      await writeFile(picture, svg(topologyOf(all, [{ op: "replace", urn: all[0]?.urn as string }]), "dev: a caption"));
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await browser.open(pathToFileURL(picture).href, { colorScheme });
        const found = await page.evaluate<{ texts: Rect[]; inside: boolean[]; size: Rect; contrasts: number[] }>(measure);
        expect(found.texts.length).toBeGreaterThan(all.length);
        const clash = found.texts.filter((one, index) => found.texts.slice(index + 1).some((other) => overlap(one, other)));
        expect(clash.map(({ text }) => text)).toEqual([]);
        expect(found.inside.every(Boolean)).toBe(true);
        expect(found.size.width).toBeLessThan(widest);
        expect(found.size.height).toBeLessThan(tallest);
        expect(Math.min(...found.contrasts)).toBeGreaterThanOrEqual(4.5);
      }
      await project.close();
    });
  });
});

interface Rect {
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const overlap = (a: Rect, b: Rect) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Runs in the page: the position of each text, whether it is inside its box, and its contrast. */
const measure = `(() => {
  const rect = (element, text = "") => { const { x, y, width, height } = element.getBoundingClientRect(); return { text, x, y, width, height }; };
  const bytes = (colour) => colour.match(/\\d+/g).slice(0, 3).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (text) => text.parentElement.querySelector("rect") ?? document.querySelector(".page");
  const texts = [...document.querySelectorAll("text")];
  const within = (inner, outer) =>
    inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
  return {
    texts: texts.map((text) => rect(text, text.textContent)),
    inside: texts.map((text) => within(rect(text), rect(ground(text)))),
    size: rect(document.documentElement),
    contrasts: texts.map((text) => {
      const [a, b] = [getComputedStyle(text).fill, getComputedStyle(ground(text)).fill].map((colour) => luminance(bytes(colour))).sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05);
    }),
  };
})()`;
