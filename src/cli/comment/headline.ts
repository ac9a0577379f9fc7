import { type Action, type Change, isLost, isNumber, type Plan, weight } from "./plan";

const verbs: Readonly<Record<Action, string>> = {
  create: "created",
  update: "changed",
  replace: "replaced",
  delete: "deleted",
  import: "imported",
  same: "unchanged",
};

/** What will happen, in one sentence: `1 number bought, 2 conversations changed`. */
export function headline({ changes, errors }: Pick<Plan, "changes" | "errors">): string {
  if (errors.length > 0) return "The preview failed.";
  const counts = new Map<string, number>();
  for (const change of [...changes].sort((a, b) => weight(a) - weight(b))) {
    if (change.action === "same") continue;
    const kind = `${noun(change)} ${verb(change)}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  if (counts.size === 0) return "Nothing changes.";
  const parts = [...counts].map(([kind, count]) => `${count} ${count === 1 ? kind : plural(kind)}`);
  return `${parts.join(", ")}.`;
}

function verb(change: Change): string {
  if (!isNumber(change)) return verbs[change.action];
  if (change.action === "create") return change.after?.inputs?.adopt === undefined ? "bought" : "adopted";
  if (change.action === "delete") return isLost(change) ? "released" : "left in the account";
  return verbs[change.action];
}

/** `phone number`, `conversation service`, in the words of a type. */
const noun = ({ type }: Change): string => type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();

const plural = (kind: string): string =>
  kind.replace(/^(.*?)(?= (?:created|changed|replaced|deleted|imported|bought|adopted|released|left)\b)/, (words) => `${words}s`);
