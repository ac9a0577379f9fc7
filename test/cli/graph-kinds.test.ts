import { describe, expect, it } from "vitest";
import { type CatalogEntry, catalogEntries } from "../../src/catalog";
import { dot } from "../../src/cli/commands/graph/dot";
import { svg } from "../../src/cli/commands/graph/svg";
import { parentEntry, singularOf } from "../../src/cli/shared/catalog";
import { mermaid } from "../../src/cli/shared/topology/mermaid";
import { topologyOf } from "../../src/cli/shared/topology/topology";
import { resourceName } from "../../src/core/lifecycle/check";
import { parentProperties } from "../../src/core/lifecycle/parents";
import { resource } from "./graph-state";

const nameOf = (entry: CatalogEntry) => resourceName(entry.definition);
const entryNamed = (name: string) => catalogEntries.find((entry) => nameOf(entry) === name) as CatalogEntry;
const phone = "+14155550100";

/** The id of the one object of a kind. */
function idOf(entry: CatalogEntry): string {
  const parent = parentEntry(entry);
  const own = `${entry.definition.sid}${String(catalogEntries.indexOf(entry)).padStart(32, "0")}`;
  return parent ? `${idOf(parent)}/${own}` : own;
}

/** An object with a value at a path, `a.b` or `list[].b`. */
function put(props: Record<string, unknown>, path: string, value: unknown): void {
  const [first = "", ...rest] = path.split(".");
  const key = first.replace("[]", "");
  if (rest.length === 0) {
    props[key] = value;
    return;
  }
  const inner: Record<string, unknown> = {};
  put(inner, rest.join("."), value);
  props[key] = first.endsWith("[]") ? [...((props[key] as unknown[]) ?? []), inner] : { ...(props[key] as object), ...inner };
}

/** What a program declares that refers to all that a kind can refer to. */
function inputsOf(entry: CatalogEntry): Record<string, unknown> {
  const inputs: Record<string, unknown> = {};
  const { fields } = entry.definition;
  if (fields.friendlyName) inputs.friendlyName = `The ${nameOf(entry)}`;
  for (const property of parentProperties(entry.definition)) inputs[property] = idOf(entryNamed(fields[property]?.parent as string));
  for (const [property, { to, by, prefix = "" }] of Object.entries(entry.facts.references ?? {}))
    put(inputs, property, by === undefined ? idOf(entryNamed(to)).split("/").at(-1) : prefix + phone);
  return nameOf(entry) === "PhoneNumber" ? { ...inputs, phoneNumber: phone } : inputs;
}

const nameIn = (entry: CatalogEntry) => `my-${nameOf(entry)}`;
const topology = topologyOf(
  catalogEntries.map((entry) => resource(entry.definition.type.replace("twilio/", ""), nameIn(entry), idOf(entry), inputsOf(entry))),
);
const node = (entry: CatalogEntry) => topology.nodes.find(({ name }) => name === nameIn(entry));
const isLinked = (from: CatalogEntry, to: CatalogEntry) =>
  topology.edges.some((edge) => [edge.from, edge.to].every((id) => [node(from)?.id, node(to)?.id].includes(id)));

describe.each(catalogEntries.map((entry) => [nameOf(entry), entry] as const))("a graph with %s", (_name, entry) => {
  it("has a node of that kind, which every drawing names", () => {
    const kind = singularOf(entry);
    expect(node(entry)).toMatchObject({ kind, title: expect.not.stringMatching(/^[A-Z]{2}[0-9a-f]{32}$/) });
    const shown = ["number", "service", "conversation", "participant"].includes(kind) ? nameIn(entry) : kind;
    for (const drawn of [mermaid(topology), dot(topology), svg(topology, "")]) {
      const plain = drawn.replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
      expect(plain).toContain(node(entry)?.title);
      expect(plain).toContain(shown);
    }
  });

  it("shows its parents, and what it refers to", () => {
    const parents = parentProperties(entry.definition).map((property) => entry.definition.fields[property]?.parent as string);
    const targets = Object.entries(entry.facts.references ?? {}).map(([, { to }]) => to);
    for (const to of [...parents, ...targets]) {
      // What a participant uses reaches its conversation.
      const from = to === "PhoneNumber" && nameOf(entry) === "Participant" ? entryNamed("Conversation") : entry;
      expect(isLinked(from, entryNamed(to)), to).toBe(true);
    }
  });
});

it("every object is in the stack: nothing is drawn twice", () => {
  expect(topology.nodes.filter(({ outside }) => outside)).toEqual([]);
  expect(topology.nodes).toHaveLength(catalogEntries.length);
});

it("what an object uses is in its second line, without a line across the drawing", () => {
  const [number, app, address] = ["PhoneNumber", "TwimlApp", "Address"].map(entryNamed) as [CatalogEntry, CatalogEntry, CatalogEntry];
  expect(node(number)?.uses).toEqual(["address The Address"]);
  expect(mermaid(topology)).toContain("my-PhoneNumber · address The Address");
  expect(dot(topology)).not.toContain(`"${node(number)?.id}" -> "${node(address)?.id}"`);
  expect(dot(topology)).toContain(`"${node(number)?.id}" -> "${node(app)?.id}"`);
  // The picture has no line to what is in no group.
  expect(svg(topology, "")).toContain("my-PhoneNumber · address The Address · TwiML app The TwimlApp");
});

it("objects without a name of their own are told apart by their kind", () => {
  const service = "IS1";
  const settings = ["Configuration", "Notification", "WebhookConfiguration"].map((kind) =>
    resource(`conversations:ConversationService${kind}`, "support", service, { service }),
  );
  const drawn = mermaid(topologyOf([resource("conversations:ConversationService", "support", service, {}), ...settings]));
  for (const kind of ["service configuration", "service notifications", "service webhook configuration"])
    expect(drawn).toContain(`["support<br>${kind}"]`);
});

it("a webhook's title is its URL, without credentials", () => {
  const hook = (name: string, url: string) =>
    resource("conversations:ConversationWebhook", name, `IS1/CH1/${name}`, { conversation: "IS1/CH1", webhook: { url } });
  const { nodes } = topologyOf([hook("plain", "https://example.com/hook"), hook("secret", "https://me:hidden@example.com/")]);
  const titles = nodes.filter(({ kind }) => kind === "conversation webhook").map(({ title }) => title);
  expect(titles).toContain("https://example.com/hook");
  expect(titles.join()).not.toContain("hidden");
});
