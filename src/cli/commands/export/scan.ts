import type { CatalogEntry } from "../../../catalog";
import { catalogEntries } from "../../../catalog";
import { conversationService } from "../../../conversations/service";
import type { Setting } from "../../../core/lifecycle/catalog-facts";
import { resourceName } from "../../../core/lifecycle/check";
import { suffixOf } from "../../../core/lifecycle/define";
import { pathOf } from "../../../core/lifecycle/groups";
import { fromBody } from "../../../core/lifecycle/wire";
import { UsageError } from "../../../core/twilio/errors";
import type { Body, Twilio } from "../../../core/twilio/twilio";
import { childEntries, depthOf, parentEntry, singularOf } from "../../shared/catalog";
import { inParallel } from "../../shared/in-parallel";
import type { Progress } from "../../shared/progress";
import { type Account, type FoundObject, type LeftOut, LeftOutTally } from "./account";
import { type Reader, reader } from "./reader";
import { isReferredTo } from "./references";
import type { ScanFile } from "./scan-file";
import { isDeclared, withoutResource } from "./without-resource";

interface Scan {
  readonly twilio: Twilio;
  readonly file: ScanFile;
  readonly progress: Progress;
  /** The types to export, by their plurals. */
  readonly include: ReadonlySet<string>;
  /** A conversation service, by its SID or friendly name, to export alone with the numbers that it uses. */
  readonly service: string | undefined;
}

/** An object of the scan, whose children are still being read. */
interface Node extends FoundObject {
  readonly body: Body;
  /** The SIDs of its parents and its own, outermost first. */
  readonly ids: readonly string[];
  readonly parent: Node | undefined;
  readonly children: Node[];
  isDefault?: boolean;
  inherited?: readonly string[];
  /** Its children could not be listed: it was deleted during the scan. */
  isGone?: true;
}

/** Reads an account and changes nothing. Does not request again what the scan file contains. */
export async function scan(options: Scan): Promise<Account> {
  const { twilio, file, progress, include, service } = options;
  const read = reader(twilio, file, progress);
  const leftOut = new LeftOutTally();
  const unread: LeftOut[] = [];
  const warnings: string[] = [];
  const log = (_severity: string, message: string) => void warnings.push(message);
  const settings = settingsReader(read);
  const nodes = new Map<CatalogEntry, readonly Node[]>();
  const nodesOf = (entry: CatalogEntry | undefined): readonly Node[] => (entry && nodes.get(entry)) ?? [];

  for (const entry of catalogEntries) {
    const parent = parentEntry(entry);
    const parents = nodesOf(parent).filter(({ isGone }) => !isGone);
    const isByParent = depthOf(entry) > 1;
    const isRead = isWanted(entry, options);
    const label = isByParent && parent ? `${entry.facts.plural}, by ${singularOf(parent)}` : entry.facts.plural;
    if (isByParent) progress.stage(label, isRead ? parents.length : 0);
    else progress.stage(label);
    const isRefused = isRead && entry.facts.export?.needsAuthToken && twilio.apiKey !== undefined;
    if (isRefused) unread.push({ what: entry.facts.plural, why: "only the account's auth token can read them, and an API key signs in" });
    const listing = { twilio, read, progress, isByParent, log };
    const listed = isRead && !isRefused ? await listAll(entry, parent ? parents : [undefined], listing) : [];
    leftOut.add(parent?.facts.plural ?? "", "they were deleted during the scan", parents.filter(({ isGone }) => isGone).length);
    await inParallel(listed, (node) => readDefaults(node, settings, include));
    const usable = listed.filter(({ body, inherited = [] }) => {
      const excluded = entry.facts.export?.excluded?.(body, inherited);
      if (excluded) leftOut.add(excluded.what, excluded.why);
      return !excluded;
    });
    const chosen = entry.definition === conversationService && service !== undefined ? chosenServices(usable, service, twilio) : usable;
    nodes.set(entry, chosen);
    // A parent gets its children here, so that what is not chosen or excluded is in no tree.
    for (const node of chosen) node.parent?.children.push(node);
  }

  progress.stage("objects without a resource");
  const services = catalogEntries.find(({ definition }) => definition === conversationService);
  const trees = nodesOf(services).filter(({ isGone }) => !isGone);
  const has = (entry: CatalogEntry) => include.has(entry.facts.plural) && nodesOf(entry).length > 0;
  const rest = await withoutResource({ read, accountSid: twilio.accountSid, isPart: service !== undefined, has });
  const objects = catalogEntries
    .filter((entry) => parentEntry(entry) === undefined)
    .flatMap((entry) => nodesOf(entry).filter((node) => service === undefined || entry === services || isReferredTo(node, trees)))
    .map(present);
  return {
    accountSid: twilio.accountSid,
    objects: objects.map((one) => reduced(one, include)),
    leftOut: [...leftOut.all, ...unread, ...rest],
    warnings,
  };
}

/** Whether objects of a type are read: they are exported, or lead to some that are. */
function isWanted(entry: CatalogEntry, { include, service }: Pick<Scan, "include" | "service">): boolean {
  if (!isDeclared(entry)) return false;
  const isRoot = parentEntry(entry) === undefined;
  // Of the account's other objects, one service needs only those that it refers to.
  if (service !== undefined && isRoot && entry.definition !== conversationService && !isReferenceTarget(entry)) return false;
  const leadsTo = (one: CatalogEntry): boolean => include.has(one.facts.plural) || childEntries(one).some(leadsTo);
  return leadsTo(entry) || entry.definition === conversationService;
}

const isReferenceTarget = ({ definition }: CatalogEntry): boolean =>
  catalogEntries.some(({ facts }) => Object.values(facts.references ?? {}).some(({ to }) => to === resourceName(definition)));

interface Listing {
  readonly twilio: Twilio;
  readonly read: Reader;
  readonly progress: Progress;
  readonly isByParent: boolean;
  /** What a definition says of an object that it reads. */
  readonly log: (severity: string, message: string) => void;
}

/** The objects of a type in each of the parents; marks the parents that are gone. */
async function listAll(
  entry: CatalogEntry,
  parents: readonly (Node | undefined)[],
  { twilio, read, progress, isByParent, log }: Listing,
): Promise<Node[]> {
  const { definition } = entry;
  const { product, path, list, groups } = definition;
  const key = list?.key;
  const found = await inParallel(parents, async (parent): Promise<Node[]> => {
    const ids = parent?.ids ?? [];
    const at = path(ids, twilio.accountSid) + suffixOf(product);
    const one = key === undefined ? await read.one(product, at) : undefined;
    const lists = Object.values(groups?.collections ?? {}).map((each) => ({ product, path: pathOf(at, each), key: each.key }));
    const wholes = key === undefined ? [] : lists.length > 0 ? lists : [{ product, path: at, key }];
    // Some lists are short and many: progress counts their parents.
    const pages = await inParallel(wholes, (whole) => read.list(whole, { showsItems: !isByParent }));
    const bodies = key === undefined ? one && [one] : pages.includes(undefined) ? undefined : pages.flatMap((page) => page ?? []);
    if (isByParent) progress.step();
    if (parent && key !== undefined && bodies === undefined) parent.isGone = true;
    // A list of accounts contains the account itself.
    const others = (bodies ?? []).filter(({ sid }) => sid !== twilio.accountSid);
    const whole = await inParallel(others, async (body) => (await definition.complete?.(body, { twilio, log })) ?? body);
    return whole.map((body) => {
      const sid = key === undefined ? undefined : String(body.sid);
      return { entry, body, parent, ids: sid === undefined ? ids : [...ids, sid], children: [], ...(sid === undefined ? {} : { sid }) };
    });
  });
  return found.flat();
}

/** The conversation services with this SID or friendly name. */
function chosenServices(all: readonly Node[], service: string, { accountSid }: Twilio): Node[] {
  const chosen = all.filter(({ body }) => body.sid === service || body.friendly_name === service);
  if (chosen.length > 0) return chosen;
  const there = all.map(({ body: { sid, friendly_name } }) => `${sid} (${JSON.stringify(friendly_name)})`).join(", ");
  throw new UsageError(`account ${accountSid} has no conversation service ${JSON.stringify(service)}; there is ${there || "none"}.`);
}

type ReadSetting = (node: Node, setting: Setting) => Promise<unknown>;

/** Reads settings of the account and of parents, each once. */
function settingsReader(read: Reader): ReadSetting {
  const bodies = new Map<string, Promise<Body | undefined>>();
  return async ({ entry, ids }, { path, key }) => {
    const at = path(ids);
    const body = bodies.get(at) ?? read.one(entry.definition.product, at);
    bodies.set(at, body);
    return (await body)?.[key];
  };
}

/** Notes which properties have the default of the account or the parent, and whether the object is the account's default. */
async function readDefaults(node: Node, setting: ReadSetting, include: ReadonlySet<string>): Promise<void> {
  const { definition, facts } = node.entry;
  if (facts.accountDefault) node.isDefault = node.sid === (await setting(node, facts.accountDefault));
  if (!include.has(facts.plural)) return;
  const inherited = await Promise.all(
    Object.entries(facts.inherited ?? {}).map(async ([property, from]) => {
      const field = definition.fields[property];
      return field && fromBody(property, field, node.body) === (await setting(node, from)) ? [property] : [];
    }),
  );
  node.inherited = inherited.flat();
}

/** The tree without what was deleted during the scan. */
const present = (node: Node): Node => ({ ...node, children: node.children.filter(({ isGone }) => !isGone).map(present) });

/** The tree without the contents of objects that the program only refers to. */
function reduced({ entry, sid, body, isDefault, inherited, children }: Node, include: ReadonlySet<string>): FoundObject {
  return {
    entry,
    ...(sid === undefined ? {} : { sid }),
    ...(include.has(entry.facts.plural) ? { body } : {}),
    ...(isDefault === undefined ? {} : { isDefault }),
    ...(inherited === undefined ? {} : { inherited }),
    children: children.map((child) => reduced(child, include)),
  };
}
