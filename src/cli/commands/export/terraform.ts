import type { CatalogEntry } from "../../../catalog";
import { catalogEntries } from "../../../catalog";
import { UsageError } from "../../../core/twilio/errors";
import { isSidOf } from "../../../core/twilio/sid";
import type { Body } from "../../../core/twilio/twilio";
import { depthOf, parentEntry, singularOf } from "../../shared/catalog";
import { type Account, type FoundObject, LeftOutTally } from "./account";
import { readTerraformState, type TerraformObject } from "./terraform-state";

/** An object of the state, whose children are still being read. */
interface Node extends FoundObject {
  sid?: string;
  name?: string;
  body?: Body;
  readonly children: Node[];
}

/**
 * Reads an account from a Terraform state of either Twilio provider, RJPearson94/twilio or twilio/twilio. Objects that this package has no
 * resource for are left out, and reported.
 */
export function fromTerraform(path: string): Account {
  const leftOut = new LeftOutTally();
  const accounts = new Set<string>();
  const tree = new Tree();
  const objects = readTerraformState(path).map((object) => ({ object, entry: entryOfType(object.type) }));
  // Parents first, wherever the state has them.
  const rank = (entry: CatalogEntry | undefined) => (entry ? catalogEntries.indexOf(entry) : -1);
  for (const { object, entry } of objects.sort((a, b) => rank(a.entry) - rank(b.entry))) {
    if (typeof object.attributes.account_sid === "string") accounts.add(object.attributes.account_sid);
    const refusal: Refusal | undefined = entry ? addTo(tree, entry, object) : [object.type, "this package has no resource for them yet"];
    if (refusal) leftOut.add(...refusal);
  }
  if (accounts.size > 1)
    throw new UsageError(`${path} is about several accounts (${[...accounts].join(", ")}); a program must be about one account.`);
  const [accountSid] = accounts;
  if (accountSid !== undefined && !isSidOf("AC", accountSid))
    throw new UsageError(`${path} names the account ${JSON.stringify(accountSid)}, which is not a SID (AC and 32 hex digits).`);
  return { ...(accountSid === undefined ? {} : { accountSid }), objects: tree.roots, leftOut: leftOut.all };
}

function entryOfType(type: string): CatalogEntry | undefined {
  const plain = type.replace(/^twilio_/, "").replace(/_v(1|2010)$/, "");
  return catalogEntries.find(({ facts }) => facts.terraform?.types.includes(plain));
}

/** What is left out, and why. */
type Refusal = readonly [what: string, why: string];

/** Adds an object to the tree, or says why it is left out. */
function addTo(tree: Tree, entry: CatalogEntry, { type, name, attributes }: TerraformObject): Refusal | undefined {
  const { facts } = entry;
  const sid = String(attributes.sid ?? attributes.id ?? "");
  if (!/^[A-Z]{2}[0-9a-fA-F]{32}$/.test(sid)) return [type, "the state contains no SID of them"];
  const excluded = facts.export?.excluded?.(attributes, []);
  if (excluded) return [`${excluded.what} (${type})`, excluded.why];
  const parent = parentEntry(entry);
  const siblings = parent ? tree.childrenAt(parent, attributes) : tree.roots;
  if (parent && !siblings)
    return [`${type} of other ${parent.facts.plural}`, `their ${singularOf(parent)} is not in this state, or is closed`];
  const found = { sid, name, ...(facts.terraform?.read?.(attributes) ?? { body: attributes }) };
  const known = siblings?.find((one) => one.entry === entry && one.sid === sid);
  if (known) Object.assign(known, found);
  else siblings?.push({ entry, ...found, children: [] });
  return undefined;
}

/** The objects of a state, each in its parent. */
class Tree {
  readonly roots: Node[] = [];

  /** The children of the object that the attributes name; an object without parents need not be in the state. */
  childrenAt(entry: CatalogEntry, attributes: Body): Node[] | undefined {
    const key = entry.facts.terraform?.parentKeys?.find((name) => typeof attributes[name] === "string" && attributes[name] !== "");
    const sid = key === undefined ? undefined : String(attributes[key]);
    const grandparent = parentEntry(entry);
    const siblings = grandparent ? this.childrenAt(grandparent, attributes) : this.roots;
    const found = siblings?.find((one) => one.entry === entry && one.sid === sid);
    if (found || !siblings || depthOf(entry) > 0) return found?.children;
    const placeholder: Node = { entry, ...(sid === undefined ? {} : { sid }), children: [] };
    siblings.push(placeholder);
    return placeholder.children;
  }
}
