import { unknownSentinel } from "../../core/lifecycle/props";
import { nameOf } from "../engine";

/** A resource as the stack's state has it, and as a preview would have it. Both write it alike. */
export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  /** Unset where it has yet to be made. */
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** By input, the resources that its value comes from. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>> | null;
}

/** What a preview says of one resource; it is silent about those that stay as they are. */
export interface PlannedStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: object;
  readonly newState?: object;
}

export type Kind = "number" | "service" | "conversation" | "participant";

/** What an update would do to a resource. */
export type Change = "create" | "update" | "replace" | "delete";

/** One thing at Twilio, or one to be. */
export interface TopologyNode {
  /** The resource's URN; of what lies outside the stack, what it is referred to by. */
  readonly id: string;
  readonly kind: Kind;
  /** The resource's name in the program. Unset outside the stack. */
  readonly name?: string;
  /** What people know it by: the number, the friendly name, the identity or the address. */
  readonly title: string;
  /** How a participant is reached: in the chat, or at which address through which of the account's numbers. */
  readonly reachedBy?: Reach;
  /** A conversation that is not active: `inactive` or `closed`. */
  readonly state?: string;
  /** Unset where nothing changes, and without a preview. */
  readonly change?: Change;
  /** It is referred to and not managed in this stack. */
  readonly outside?: true;
}

export interface Reach {
  readonly channel: "chat" | "sms" | "whatsapp" | "group-mms";
  /** The person's own number. Unset in a chat. */
  readonly address?: string;
  /** The account's number that the person texts with. */
  readonly through?: string;
}

/** A service holds a conversation, a conversation includes a participant, texts to a number reach a conversation. */
export interface TopologyEdge {
  readonly from: string;
  readonly to: string;
  readonly relation: "holds" | "includes" | "reaches";
}

/** Who can reach whom: all participants of one conversation, and those with a phone through its numbers. */
export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

const kinds: Readonly<Record<string, Kind>> = {
  "pulumi-nodejs:twilio/numbers:PhoneNumber": "number",
  "pulumi-nodejs:twilio/conversations:ConversationService": "service",
  "pulumi-nodejs:twilio/conversations:Conversation": "conversation",
  "pulumi-nodejs:twilio/conversations:Participant": "participant",
};

const LATER = "(not known yet)";
const SECRET = "[secret]";

/** Reads the topology out of a stack's resources, and the changes out of a preview's steps. Other resources are left out. */
export function topologyOf(resources: readonly DeployedResource[], steps: readonly PlannedStep[] = []): Topology {
  const { known, changes } = overlaid(resources, steps);
  const nodes = new Map<string, TopologyNode>();
  const edges = new Map<string, TopologyEdge>();
  const ofKind = (kind: Kind) => known.filter(({ type }) => kinds[type] === kind);

  const link = (from: string, to: string, relation: TopologyEdge["relation"]) => void edges.set(`${from} ${to}`, { from, to, relation });

  function add({ urn }: DeployedResource, node: Omit<TopologyNode, "id" | "name" | "change">): void {
    const change = changes.get(urn);
    nodes.set(urn, { id: urn, name: nameOf(urn).name, ...node, ...(change ? { change } : {}) });
  }

  /** The node that a property names: one of the stack, else one outside of it. */
  function referred(from: DeployedResource, property: string, given: unknown, kind: Kind, key: "id" | "phoneNumber"): string {
    const candidates = ofKind(kind);
    const sources = from.propertyDependencies?.[property] ?? [];
    const title = shown(given) ?? LATER;
    const named =
      title === LATER || title === SECRET ? undefined : candidates.find((one) => (key === "id" ? one.id : text(one, key)) === title);
    const found = named ?? candidates.find(({ urn }) => sources.includes(urn));
    if (found) return found.urn;
    const id = `${kind} ${title}`;
    nodes.set(id, { id, kind, title, outside: true });
    return id;
  }

  for (const one of ofKind("number")) add(one, { kind: "number", title: text(one, "phoneNumber") ?? LATER });
  for (const one of ofKind("service")) add(one, { kind: "service", title: text(one, "friendlyName") ?? nameOf(one.urn).name });
  for (const one of ofKind("conversation")) {
    const title = text(one, "friendlyName") || (text(one, "uniqueName") ?? nameOf(one.urn).name);
    const state = text(one, "state");
    add(one, { kind: "conversation", title, ...(state === undefined || state === "active" ? {} : { state }) });
    const service = value(one, "service") ?? (one.id?.split("/")[0] || DEFAULT_SERVICE);
    link(referred(one, "service", service, "service", "id"), one.urn, "holds");
  }
  for (const one of ofKind("participant")) {
    const reachedBy = reach(one);
    add(one, { kind: "participant", title: text(one, "identity") ?? reachedBy.address ?? reachedBy.through ?? LATER, reachedBy });
    const conversation = referred(one, "conversation", value(one, "conversation"), "conversation", "id");
    if (nodes.get(conversation)?.outside) {
      const [service] = (text(one, "conversation") ?? LATER).split("/");
      link(referred(one, "conversation", service, "service", "id"), conversation, "holds");
    }
    link(conversation, one.urn, "includes");
    if (reachedBy.through === undefined) continue;
    const property = ["sms", "whatsapp", "projectedAddress"].find((name) => value(one, name) !== undefined) as string;
    link(referred(one, property, reachedBy.through.replace(/^whatsapp:/, ""), "number", "phoneNumber"), conversation, "reaches");
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** Where a conversation is whose service is not given. */
const DEFAULT_SERVICE = "the account's default service";

/** The state's resources as the preview leaves them; what it deletes is still among them. */
function overlaid(resources: readonly DeployedResource[], steps: readonly PlannedStep[]) {
  const known = new Map(resources.map((resource) => [resource.urn, resource]));
  const changes = new Map<string, Change>();
  for (const { op, urn, oldState, newState } of steps) {
    const change = changeOf(op);
    if (change && changes.get(urn) !== "replace") changes.set(urn, change);
    const state = (newState ?? oldState) as DeployedResource | undefined;
    // Of a replacement's steps, the one that deletes tells only what was.
    if (state && (newState || !known.has(urn))) known.set(urn, { ...known.get(urn), ...state, urn });
  }
  return { known: [...known.values()], changes };
}

function changeOf(op: string): Change | undefined {
  if (/replace/.test(op)) return "replace";
  if (op === "import") return "create";
  return op === "create" || op === "update" || op === "delete" ? op : undefined;
}

function reach(one: DeployedResource): Reach {
  const through = shown(value(one, "projectedAddress"));
  if (value(one, "identity") !== undefined) return { channel: "chat", ...(through === undefined ? {} : { through }) };
  for (const channel of ["sms", "whatsapp"] as const) {
    const pair = value(one, channel);
    if (pair === undefined) continue;
    // As a whole it may be a secret, or not known yet.
    const { address = pair, proxyAddress = pair } = typeof pair === "object" ? (pair as Record<string, unknown>) : {};
    return { channel, address: shown(address) ?? LATER, through: shown(proxyAddress) ?? LATER };
  }
  const address = shown(value(one, "address"));
  return { channel: "group-mms", ...(address === undefined ? {} : { address }), ...(through === undefined ? {} : { through }) };
}

/** A property as declared, else as Twilio has it. */
const value = ({ inputs, outputs }: DeployedResource, property: string): unknown => inputs?.[property] ?? outputs?.[property];
const text = (one: DeployedResource, property: string): string | undefined => shown(value(one, property));

// The mark of a secret in state; in a preview it reads `[secret]`.
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

function shown(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === "object" && SECRET_MARK in given) return SECRET;
  return given === unknownSentinel || typeof given !== "string" ? LATER : given;
}

/** The conversations that a service holds, each followed by its participants. */
export function within({ nodes, edges }: Topology, service: TopologyNode): TopologyNode[] {
  const to = (from: string, relation: TopologyEdge["relation"]) => {
    const targets = new Set(edges.filter((edge) => edge.from === from && edge.relation === relation).map((edge) => edge.to));
    return nodes.filter(({ id }) => targets.has(id));
  };
  return to(service.id, "holds").flatMap((conversation) => [conversation, ...to(conversation.id, "includes")]);
}
