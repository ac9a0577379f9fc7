import type { Context, Definition } from "./definition";
import type { RunRegistry } from "./identity";
import type { StackAccount } from "./stack-account";

/** What is known about an object that a create has found in the place of its own. */
export interface OwnershipEvidence {
  /** A resource of another name, of this run or of a stack in this backend, has it. */
  readonly isHeldByAnother: boolean;
  /** An unfinished create of this resource is noted, and the object was created within the window of that create. */
  readonly isOfUnfinishedCreate: boolean;
  /** It has the name, or the place, that only this resource gives to an object. */
  readonly carriesMark: boolean;
}

/**
 * Whose an object is.
 * - `ours`: this resource created it. It is updated and, at its end, deleted.
 * - `adopted`: it carries the mark of this resource, but nothing shows that this stack created it. It is updated and, at its end, kept.
 * - `another's`: a resource of another name has it. It is never touched.
 * - `unknown`: it has the same name and may be anybody's. It is never touched without `adopt`.
 */
export type Ownership = "ours" | "adopted" | "another's" | "unknown";

type Row = Partial<OwnershipEvidence> & { readonly whose: Ownership };

/** The first row that applies decides. `docs/reliability.md` has the same rows. */
export const ownershipTable: readonly Row[] = [
  { isHeldByAnother: true, whose: "another's" },
  { isOfUnfinishedCreate: true, whose: "ours" },
  { carriesMark: true, whose: "adopted" },
  { whose: "unknown" },
];

/** Decides whose an object is. A note of a finished create is no evidence: the stack may have been renamed since. */
export function ownershipOf(evidence: OwnershipEvidence): Ownership {
  const isMet = (row: Row) =>
    (["isHeldByAnother", "isOfUnfinishedCreate", "carriesMark"] as const).every((one) => (row[one] ?? evidence[one]) === evidence[one]);
  return (ownershipTable.find(isMet) as Row).whose;
}

/** A resource in words; another one of this stack where its URN is not known. */
function describeHolder(urn: string): string {
  const [stack = "", , type = "", name] = urn.split("::");
  if (name === undefined) return "another resource of this stack";
  return `${type.slice(type.lastIndexOf(":") + 1)} "${name}" of stack ${stack.slice("urn:pulumi:".length)}`;
}

/** The line that says what a create has found in place of a request. */
export function takenOver(label: string, sid: string, whose: "ours" | "adopted", { onDelete }: Pick<Definition, "onDelete">): string {
  if (whose === "ours") return `Recovered ${label} ${sid}, which an interrupted run created.`;
  return (
    `${label} ${sid} carries the mark of this resource, but nothing shows that this stack created it. It is treated as adopted: a destroy ` +
    `keeps it. To own it fully, declare adopt: "${sid}" and onDelete: "${onDelete?.find((word) => word !== "retain") ?? "delete"}".`
  );
}

/** What to do where another resource has the object. */
export const renameAdvice = (holder: string | undefined): string =>
  `It belongs to ${holder}. If that resource was renamed, add the option aliases: [{ name: "…" }] with its former name.`;

/** The resource that has an object according to the states of a backend. */
type HolderInBackend = ((id: string, own: string | undefined) => { readonly urn: string } | undefined) | undefined;

const stackAndProject = (urn: string): string => urn.split("::", 2).join("::");

/** What the resource `own` can know of the resources that have objects. */
export function holders(
  own: string | undefined,
  run: Pick<RunRegistry, "holderOf" | "isReplaced" | "isRetained">,
  account: Pick<StackAccount, "allChecked">,
  inBackend: HolderInBackend,
): Pick<Context, "holderOf" | "isGivenUp"> {
  return {
    holderOf(id) {
      const urn = run.holderOf(id);
      if (urn !== undefined && urn !== own) return describeHolder(urn);
      const holder = inBackend?.(id, own);
      return holder && describeHolder(holder.urn);
    },

    async isGivenUp(id) {
      await account.allChecked();
      if (run.isReplaced(id)) return true;
      const holder = run.isRetained(id) ? undefined : inBackend?.(id, own);
      return holder !== undefined && own !== undefined && stackAndProject(holder.urn) === stackAndProject(own);
    },
  };
}
