import { oneLine } from "../../../core/process/printable";
import { styled, table } from "../../shared/table";
import { deleteCommand, type Leftover } from "./belongings";
import { type Circumstances, countsOf } from "./evidence";
import type { Outcome, Result } from "./run";

/** The result of a run for people: a table, then what refutes facts, then what remains at Twilio. */
export function reportOf(outcome: Outcome, circumstances: Circumstances): string {
  const rows = outcome.results.map(({ fact, answer }) => [fact.id, fact.certainty, answerCell(answer), fact.says]);
  return [table(["fact", "certainty", "answer", "sentence"], rows), ...details(outcome), summary(outcome, circumstances)].join("\n");
}

const STYLES = { confirmed: "green", refuted: "red", "not run": "yellow" } as const;
const answerCell = (answer: Result["answer"]): string => styled(STYLES[answer], answer);

function details({ results }: Outcome): string[] {
  const refuted = results
    .filter(({ answer }) => answer === "refuted")
    .map(({ fact: { id, says, source }, expected, received }) =>
      [`REFUTED ${id}: ${says}`, `  expected  ${expected}`, `  received  ${received}`, `  source    ${source}`].map(oneLine).join("\n"),
    );
  const reasons = new Map<string, number>();
  for (const { answer, reason = "" } of results) if (answer === "not run") reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const notRun = [...reasons].map(([reason, count]) => oneLine(`Not run (${count}), because ${reason}`));
  return [...refuted, ...notRun].map((text) => `${text}\n`);
}

function summary(outcome: Outcome, { connection, target, interrupted }: Circumstances): string {
  const { confirmed, refuted, "not run": notRun } = countsOf(outcome);
  const { spent, currency } = outcome.cost;
  const where = connection.baseUrl === undefined ? "Twilio" : connection.baseUrl;
  return [
    `${interrupted ? "Interrupted. " : ""}${confirmed} confirmed, ${refuted} refuted, ${notRun} not run (${target}, ${where}).`,
    ...(spent > 0 ? [`Numbers for ${spent.toFixed(2)} ${currency} per month were bought and released.`] : []),
    ...leftLines("could not be deleted. Delete them:", outcome.left, connection),
    ...leftLines("of other runs remain:", outcome.leftByOthers, connection),
    "",
  ].join("\n");
}

function leftLines(what: string, left: readonly Leftover[], connection: Circumstances["connection"]): string[] {
  if (left.length === 0) return [];
  return [`${left.length} objects ${what}`, ...left.map((one) => `  ${deleteCommand(one, connection)}   # ${oneLine(one.why)}`)];
}
