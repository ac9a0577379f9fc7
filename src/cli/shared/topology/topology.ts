import type { CatalogEntry } from "../../../catalog";
import { catalogEntries } from "../../../catalog";
import type { Reference } from "../../../core/lifecycle/catalog-facts";
import { parentProperties, parentProperty } from "../../../core/lifecycle/parents";
import { depthOf, entryOf, entryOfClass, parentEntry, singularOf } from "../catalog";
import { nameOf } from "../engine";
import { naturally } from "../naturally";
import { type DeployedResource, declaredOrLive, LATER, SECRET, shown, textOf, valuesAt } from "./deployed";
import { detailsOf, type Reach } from "./details";

export type { DeployedResource } from "./deployed";

/** What a preview reports of one resource; it omits unchanged resources. */
export interface PlannedStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: object;
  readonly newState?: object;
}

/** What an update would do to a resource. */
export type Change = "create" | "update" | "replace" | "delete";

/** One object at Twilio, or one that will be created. */
export interface TopologyNode {
  /** The resource's URN; for an object outside the stack, its kind and the value that refers to it. */
  readonly id: string;
  /** `number`, `service`, `conversation`, `participant`, …: one word or more for each resource type. */
  readonly kind: string;
  /** The resource's name in the program. Unset outside the stack. */
  readonly name?: string;
  /** How people know it: the number, the friendly name, the identity or the address. */
  readonly title: string;
  /** How a participant is reached: in the chat, or at an address through a number of the account. */
  readonly reachedBy?: Reach;
  /** The state of a conversation that is not active: `inactive` or `closed`. */
  readonly state?: string;
  /** Unset where nothing changes, and without a preview. */
  readonly change?: Change;
  /** The stack refers to it and does not manage it. */
  readonly outside?: true;
  /** What it uses, in words: `address Office`. Lines to all of these would cross each other. */
  readonly uses?: readonly string[];
}

/**
 * An object without a parent holds its children, and those include their own children: a service holds a conversation, which includes a
 * participant. A text to a number reaches a conversation, or an address configuration, which creates one. An object uses what it
 * names besides: a number its postal address, a user its role.
 */
export interface TopologyEdge {
  readonly from: string;
  readonly to: string;
  readonly relation: "holds" | "includes" | "reaches" | "uses";
}

/** Who can reach whom: all participants of one conversation, and those with a phone through its numbers. */
export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

/** Reads the topology from a stack's resources, and the changes from a preview's steps. Resources of other packages are left out. */
export function topologyOf(resources: readonly DeployedResource[], steps: readonly PlannedStep[] = []): Topology {
  const { known, changes } = overlaid(resources, steps);
  const builder = new TopologyBuilder(known, changes);
  for (const entry of catalogEntries) for (const resource of builder.ofEntry(entry)) builder.add(resource, entry);
  return builder.topology();
}

/** A resource that refers to another one. */
interface Referring {
  readonly resource: DeployedResource;
  readonly entry: CatalogEntry;
  /** The node of its parent. */
  readonly parent: string | undefined;
}

class TopologyBuilder {
  readonly #nodes = new Map<string, TopologyNode>();
  readonly #edges = new Map<string, TopologyEdge>();

  constructor(
    readonly known: readonly DeployedResource[],
    readonly changes: ReadonlyMap<string, Change>,
  ) {}

  /** The state has its resources in the order of their creation, which differs from run to run. */
  topology(): Topology {
    const nodes = [...this.#nodes.values()].sort(
      (a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || naturally(a.title, b.title) || naturally(a.name ?? "", b.name ?? ""),
    );
    const place = new Map(nodes.map(({ id }, index) => [id, index]));
    const placeOf = (id: string) => place.get(id) ?? nodes.length;
    const edges = [...this.#edges.values()].sort((a, b) => placeOf(a.from) - placeOf(b.from) || placeOf(a.to) - placeOf(b.to));
    const uses = new Map<string, Set<string>>();
    for (const { from, to, relation } of edges) {
      const used = nodes[placeOf(to)];
      if (relation === "uses" && used) uses.set(from, (uses.get(from) ?? new Set()).add(`${used.kind} ${used.title}`));
    }
    return {
      nodes: nodes.map((node) => ({ ...node, ...(uses.has(node.id) ? { uses: [...(uses.get(node.id) as Set<string>)] } : {}) })),
      edges,
    };
  }

  ofEntry(entry: CatalogEntry): readonly DeployedResource[] {
    return this.known.filter(({ type }) => entryOf(type) === entry);
  }

  /** Adds a node, the edge from its parent, and the edges from the numbers that reach it, or its conversation. */
  add(resource: DeployedResource, entry: CatalogEntry): void {
    const { urn } = resource;
    const change = this.changes.get(urn);
    this.#nodes.set(urn, {
      id: urn,
      name: nameOf(urn).name,
      kind: singularOf(entry),
      ...detailsOf(resource, entry),
      ...(change ? { change } : {}),
    });
    const parent = this.#addParentEdge(resource, entry);
    for (const [property, reference] of Object.entries(entry.facts.references ?? {}))
      for (const value of valuesAt(resource, property)) this.#addReference({ resource, entry, parent }, property, reference, value);
    for (const property of parentProperties(entry.definition).slice(1)) {
      const to = entry.definition.fields[property]?.parent as string;
      for (const value of valuesAt(resource, property)) this.#addReference({ resource, entry, parent }, property, { to }, value);
    }
  }

  /** Adds the edge to, or from, what a property names. */
  #addReference(from: Referring, property: string, { to, by = "id", prefix = "", isReached }: Reference, value: unknown): void {
    const { resource, entry, parent } = from;
    const { urn } = resource;
    const target = entryOfClass(to);
    if (target === undefined || property === entry.facts.drawnIn) return;
    const input = property.split(/[.[]/)[0] as string;
    if (singularOf(target) !== numberKind) {
      const isOfNumber = singularOf(entry) === numberKind;
      // Outside of the stack, nothing but a SID is known. That a number has an address says something even so.
      const used = isOfNumber ? this.#referredNode(resource, input, value, target, "id") : this.#found(resource, input, value, target, by);
      if (used !== undefined) this.#link(urn, used, isReached ? "reaches" : "uses");
      return;
    }
    const shownValue = shown(value) ?? LATER;
    const plain = shownValue.startsWith(prefix) ? shownValue.slice(prefix.length) : shownValue;
    // The account's address on a channel may be something else.
    if (by !== "id" && plain !== LATER && plain !== SECRET && !/^\+\d+$/.test(plain)) return;
    const number = this.#referredNode(resource, input, plain, target, by);
    // A number reaches a conversation through its participant, but a messaging service is reached as each of its senders.
    this.#link(number, (depthOf(entry) > 1 && parent) || urn, "reaches");
  }

  #addParentEdge(resource: DeployedResource, entry: CatalogEntry): string | undefined {
    this.#addEdgeAround(resource, entry);
    const parent = parentEntry(entry);
    const property = parentProperty(entry.definition);
    if (!parent || property === undefined) return undefined;
    const value = declaredOrLive(resource, property) ?? (resource.id?.split("/").slice(0, -1).join("/") || defaultOf(parent));
    const id = this.#referredNode(resource, property, value, parent, "id");
    const grandparent = parentEntry(parent);
    if (grandparent && this.#nodes.get(id)?.outside) {
      const [outermost] = (textOf(resource, property) ?? LATER).split("/");
      this.#link(this.#referredNode(resource, property, outermost, grandparent, "id"), id, relationFrom(grandparent));
    }
    this.#link(id, resource.urn, relationFrom(parent));
    return id;
  }

  /** The edge from the object that is drawn around this one although it is not its parent. */
  #addEdgeAround(resource: DeployedResource, { facts }: CatalogEntry): void {
    const { drawnIn } = facts;
    const around = drawnIn === undefined ? undefined : entryOfClass(facts.references?.[drawnIn]?.to ?? "");
    if (drawnIn === undefined || around === undefined) return;
    const value = declaredOrLive(resource, drawnIn) ?? defaultOf(around);
    this.#link(this.#referredNode(resource, drawnIn, value, around, "id"), resource.urn, "holds");
  }

  /** The resource of the stack that a property refers to. */
  #found(from: DeployedResource, property: string, given: unknown, entry: CatalogEntry, by: string): string | undefined {
    // A conversation may be declared with its participants.
    const isOfKind = ({ definition }: CatalogEntry) => definition.sid === entry.definition.sid && !definition.singleton;
    const candidates = catalogEntries.filter(isOfKind).flatMap((each) => this.ofEntry(each));
    const sources = from.propertyDependencies?.[property] ?? [];
    const title = shown(given) ?? LATER;
    const isHidden = title === LATER || title === SECRET;
    // A reference is a SID, and the id of what is in something else is a path.
    const isNamed = (one: DeployedResource) =>
      by === "id" ? one.id === title || one.id?.split("/").at(-1) === title : textOf(one, by) === title;
    const named = isHidden ? undefined : candidates.find(isNamed);
    // All items of a set have the sources of all its items.
    const sourced = candidates.filter(({ urn, set }) => sources.includes(urn) || (set !== undefined && sources.includes(set)));
    const isCertain = sourced.length === 1 || (from.set === undefined && sourced[0]?.set === undefined);
    return (named ?? (isCertain ? sourced[0] : undefined))?.urn;
  }

  /** A node for an item that is not known yet, in the parent of its set; nothing where a property does not come from a set. */
  #unknownItem(from: DeployedResource, property: string, entry: CatalogEntry): string | undefined {
    const sources = from.propertyDependencies?.[property] ?? [];
    const item = this.ofEntry(entry).find(({ set }) => set !== undefined && sources.includes(set));
    if (item?.set === undefined) return undefined;
    const id = `one of ${item.set}`;
    this.#nodes.set(id, { id, kind: singularOf(entry), title: `one of ${nameOf(item.set).name}` });
    this.#addParentEdge({ ...item, urn: id }, entry);
    return id;
  }

  /** The node that a property refers to: one of the stack, or one outside it. */
  #referredNode(from: DeployedResource, property: string, given: unknown, entry: CatalogEntry, by: string): string {
    const found = this.#found(from, property, given, entry, by);
    if (found !== undefined) return found;
    const [kind, title] = [singularOf(entry), shown(given) ?? LATER];
    const item = title === LATER ? this.#unknownItem(from, property, entry) : undefined;
    if (item !== undefined) return item;
    const id = `${kind} ${title}`;
    this.#nodes.set(id, { id, kind, title, outside: true });
    return id;
  }

  #link(from: string, to: string, relation: TopologyEdge["relation"]): void {
    this.#edges.set(`${from} ${to}`, { from, to, relation });
  }
}

const relationFrom = (parent: CatalogEntry): "holds" | "includes" => (parentEntry(parent) ? "includes" : "holds");

/** The parent of an object whose program names none. */
const defaultOf = (parent: CatalogEntry): string => `the account's default ${singularOf(parent)}`;

/** The state's resources as the preview leaves them; those that it deletes are still among them. */
function overlaid(resources: readonly DeployedResource[], steps: readonly PlannedStep[]) {
  const known = new Map(resources.map((resource) => [resource.urn, resource]));
  const changes = new Map<string, Change>();
  for (const { op, urn, oldState, newState } of steps) {
    const change = changeOf(op);
    if (change && changes.get(urn) !== "replace") changes.set(urn, change);
    const state = (newState ?? oldState) as DeployedResource | undefined;
    // Of a replacement's steps, the one that deletes has only the old state.
    if (state && (newState || !known.has(urn))) known.set(urn, { ...known.get(urn), ...state, urn });
  }
  return { known: [...known.values()], changes };
}

function changeOf(op: string): Change | undefined {
  if (/replace/.test(op)) return "replace";
  if (op === "import") return "create";
  return op === "create" || op === "update" || op === "delete" ? op : undefined;
}

/** Where nodes are drawn: numbers on the left, groups around their members, and the rest. */
export interface Placement {
  readonly numbers: readonly TopologyNode[];
  readonly groups: readonly TopologyNode[];
  /** Objects without a parent and without members, other than numbers. */
  readonly others: readonly TopologyNode[];
}

const kinds = catalogEntries.map(singularOf);
const numberKind = singularOf(entryOfClass("PhoneNumber") as CatalogEntry);
const serviceKind = singularOf(entryOfClass("ConversationService") as CatalogEntry);

/** Places the nodes that have no parent. A service is a group even if it holds nothing. */
export function placementOf({ nodes, edges }: Topology): Placement {
  const inner = new Set(edges.filter(({ relation }) => relation === "holds" || relation === "includes").map(({ to }) => to));
  const holders = new Set(edges.filter(({ relation }) => relation === "holds").map(({ from }) => from));
  const roots = nodes.filter(({ id }) => !inner.has(id));
  const isGroup = ({ id, kind }: TopologyNode) => kind === serviceKind || holders.has(id);
  return {
    numbers: roots.filter(({ kind }) => kind === numberKind),
    groups: roots.filter(isGroup),
    others: roots.filter((node) => node.kind !== numberKind && !isGroup(node)),
  };
}

/** The members of a group, each followed by its own. */
export function membersOf({ nodes, edges }: Topology, group: TopologyNode): TopologyNode[] {
  const to = (from: string, relation: TopologyEdge["relation"]) => {
    const targets = new Set(edges.filter((edge) => edge.from === from && edge.relation === relation).map((edge) => edge.to));
    return nodes.filter(({ id }) => targets.has(id));
  };
  return to(group.id, "holds").flatMap((member) => [member, ...to(member.id, "includes")]);
}
