import { deletePolicy, whyRetained } from "../lifecycle/parents";
import { describeOwner } from "./handover";
import { describeTakeOver } from "./handover-line";
import type { Listed } from "./item-lifecycle";
import { type Action, describeValues } from "./plan";
import { firstLines } from "./pool";
import { itemName } from "./set-definition";
import type { SetRun } from "./set-inputs";

/** What an update of a set will do. */
export interface Plan {
  readonly run: SetRun;
  readonly actions: readonly Action[];
  /** Objects that an exclusive set removes, and those that it leaves because another resource has them. */
  readonly removed: readonly Listed[];
  readonly held: readonly Listed[];
}

type Write = (severity: "info" | "warn", message: string) => void;

/** Says in a preview what a new set creates. */
function announceCreation(keys: readonly string[], write: Write): void {
  if (keys.length > 0) write("info", `${count(keys.length, "item")} to create:${firstLines(keys.map(itemName))}`);
}

/** Says in a preview what happens to each item; the engine prints all items, changed or not. What is lost is always named. */
export function announcePlan({ run, actions, removed, held }: Plan, write: Write): void {
  const changed = actions.flatMap((action) => (action.kind === "update" ? describeValues(run, action, itemName(action.key)) : []));
  if (changed.length > 0) write("info", `${count(changed.length, "change")} of items:${firstLines(changed)}`);
  announceCreation(
    actions.flatMap(({ kind, key }) => (kind === "create" ? [key] : [])),
    write,
  );
  const lines = actions.flatMap((action) => lossOf(run, action));
  if (lines.length > 0)
    write("warn", `${count(lines.length, "item")} to replace, remove or hand over:${lines.map((line) => `\n  ${line}`).join("")}`);
  if (removed.length > 0) {
    const names = removed.map(({ title }) => `\n  ${title}`).join("");
    write(
      "warn",
      `The set is exclusive: ${removed.length} that it does not declare ${removed.length === 1 ? "is" : "are"} removed:${names}`,
    );
  }
  for (const { title, holder } of held) write("info", `${title} stays although the set is exclusive: it belongs to ${holder}.`);
}

function lossOf(run: SetRun, action: Action): string[] {
  const name = itemName(action.key);
  if (action.kind === "take over") return [describeTakeOver(action.key, action.former.id, describeOwner(action.former.owner))];
  if (action.kind === "replace") {
    const why = describeValues(run, action, name).join("; ");
    return [`${name} is replaced; ${action.old.id} is deleted${why ? `: ${why}` : " already: an interrupted run did that"}`];
  }
  if (action.kind !== "delete") return [];
  if (action.taker !== undefined) return [`${name} is handed over to ${describeOwner(action.taker)}`];
  const isKept = deletePolicy(run.item, action.old.outputs) === "retain";
  return [
    isKept
      ? `${name} is removed; ${action.old.id} stays at Twilio: ${whyRetained(action.old.outputs)}`
      : `${name} is removed; ${action.old.id} is deleted`,
  ];
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
