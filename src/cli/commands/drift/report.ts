import { oneLine } from "../../../core/process/printable";
import { entryOfClass } from "../../shared/catalog";
import { type Drifted, type DriftReport, summaryOf, type Undeployed } from "../../shared/drift-report";
import { inWords } from "../../shared/properties";
import { styled, table } from "../../shared/table";

/** How many undeclared properties a terminal shows; JSON has all. */
const MAX_ROWS = 20;

/** A drift report as tables and sentences. */
export function describe({
  stack,
  drift,
  drifted,
  undeployed,
  closed,
  leftAlone,
  unseen,
  warnings,
  notAsked,
  notCompared,
  fixed,
}: DriftReport): string {
  const parts = [];
  if (fixed) parts.push(`${styled("green", `Repaired: ${summaryOf(fixed)}.`)}\n${fixed.map((one) => `  ${label(one)}\n`).join("")}`);
  if (drifted.length > 0) parts.push(`${styled("yellow", `Drift in ${stack}: ${summaryOf(drifted)}.`)}\n`, driftTable(drifted));
  else if (!drift) parts.push(`${styled("green", `No drift in ${stack}.`)}\n`);
  if (undeployed.length > 0) parts.push(undeployedIn(stack, undeployed));
  if (notCompared !== undefined) parts.push(`Not everything is known: ${notCompared}\n`);
  if (warnings.length > 0) parts.push(`The comparison warns:\n${warnings.map((warning) => `  ${oneLine(warning)}\n`).join("")}`);
  if (closed.length > 0) {
    parts.push(
      `Closed at Twilio: ${closed.map(label).join(", ")}. The program declares no state, so this is not drift. ` +
        "Nobody can write to a closed conversation, and Twilio cannot reopen it.\n",
    );
  }
  if (leftAlone.length > 0) {
    const rows = leftAlone
      .slice(0, MAX_ROWS)
      .map((one) => [label(one), one.property, inWords(one.known), "actual" in one ? inWords(one.actual) : "(not shown)"]);
    const more = leftAlone.length > MAX_ROWS ? `… and ${leftAlone.length - MAX_ROWS} more, which --json lists\n` : "";
    parts.push(
      `Not declared. Pulumi keeps Twilio's value, so this is not drift:\n${table(["RESOURCE", "PROPERTY", "IN THE STATE", "AT TWILIO"], rows)}${more}`,
    );
  }
  if (notAsked !== undefined) parts.push(`Not checked for undeclared properties: ${notAsked}\n`);
  if (unseen.length > 0) {
    const properties = unseen.map((one) => `${one.property} of ${label(one)}`).join(", ");
    parts.push(`Drift cannot be detected in properties that Twilio does not report: ${properties}.\n`);
  }
  if (drift)
    parts.push("To repair it, run this command with --fix, or run `pulumi up --refresh`. To accept it, write it into the program.\n");
  return parts.join("\n");
}

const label = ({ type, name }: { type: string; name: string }): string => oneLine(`${type} ${name}`);

function driftTable(drifted: readonly Drifted[]): string {
  const rows = drifted.flatMap((resource) => {
    if (resource.gone) return [[label(resource), "–", "there", "gone", remedyFor(resource)]];
    // Some providers do not report which property changed.
    if (resource.properties.length === 0) return [[label(resource), "–", "there", "changed", winners.update]];
    return resource.properties.map(({ property, declared, actual, repair }) => {
      return [label(resource), property, inWords(declared), inWords(actual), winners[repair]];
    });
  });
  return table(["RESOURCE", "PROPERTY", "DECLARED", "AT TWILIO", "WHO WINS"], rows);
}

const winners = {
  update: "the program",
  replace: "the program, by replacement",
  refuse: "Twilio: it is closed, declare its values",
} as const;

/** What `pulumi up` does about a missing object. */
function remedyFor({ type, adopted }: Drifted): string {
  const entry = entryOfClass(type);
  const created = entry?.facts.verbs?.created ?? "created";
  if (entry?.definition.singleton) return `the program: it is ${created} again, where what has it exists`;
  return adopted ? `nobody: without \`adopt\`, one is ${created}` : `the program: a new one is ${created}`;
}

/** The resources that an incomplete update left behind: Twilio and the state agree about them, and the program does not. */
function undeployedIn(stack: string, undeployed: readonly Undeployed[]): string {
  const rows = undeployed.flatMap((one) => {
    if (one.gone) return [[label(one), "–", "there", "not there"]];
    const properties = one.properties.map(({ property, declared, actual }) => [label(one), property, inWords(declared), inWords(actual)]);
    return properties.length > 0 ? properties : [[label(one), "–", "there", "changed"]];
  });
  const refusals = undeployed.flatMap((one) => (one.refusal === undefined ? [] : [`  ${label(one)}: ${oneLine(one.refusal)}\n`]));
  return (
    `${styled("yellow", `The last operation on ${stack} was not a successful update. Its state is not what the program declares:`)}\n` +
    table(["RESOURCE", "PROPERTY", "DECLARED", "IN THE STATE"], rows) +
    (refusals.length > 0 ? `The preview refuses:\n${refusals.join("")}` : "")
  );
}
