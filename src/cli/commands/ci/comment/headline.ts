import { entryOf } from "../../../shared/catalog";
import { pluralOf, wordsOf } from "../../../shared/words";
import { type Action, type Change, isLost, type Plan, weight } from "./plan";

const verbs: Readonly<Record<Action, string>> = {
  create: "created",
  update: "changed",
  replace: "replaced",
  delete: "deleted",
  import: "imported",
  same: "unchanged",
};

/** What will happen, in one sentence: `1 phone number bought, 2 conversations changed.` */
export function headline({ changes, errors }: Pick<Plan, "changes" | "errors">): string {
  if (errors.length > 0) return "The preview failed.";
  const counts = new Map<string, { readonly noun: string; readonly verb: string; count: number }>();
  for (const change of [...changes].sort((a, b) => weight(a) - weight(b))) {
    if (change.action === "same") continue;
    const [noun, verb] = [wordsOf(change.type), verbOf(change)];
    const key = `${noun} ${verb}`;
    counts.set(key, { noun, verb, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  if (counts.size === 0) return "Nothing changes.";
  const parts = [...counts.values()].map(({ noun, verb, count }) => `${count} ${count === 1 ? noun : pluralOf(noun)} ${verb}`);
  return `${parts.join(", ")}.`;
}

function verbOf(change: Change): string {
  const own = entryOf(change.token)?.facts.verbs;
  if (own && change.action === "create") return change.after?.inputs?.adopt === undefined ? own.created : "adopted";
  if (own && change.action === "delete") return isLost(change) ? own.deleted : own.retained;
  return verbs[change.action];
}
