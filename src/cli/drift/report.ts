import { inWords } from "../properties";
import { styled, table } from "../table";
import type { Beside } from "./left-alone";
import type { Drifted, Look } from "./look";

/** What `drift --json` prints. */
export interface Drift extends Omit<Look, "present">, Beside {
  /** Whether there is any. */
  readonly drift: boolean;
  /** With `--fix`: what was brought back, as it was found before. */
  readonly fixed?: readonly Drifted[];
}

/** How many rows of what is left alone a terminal is given; JSON has all. */
const MOST = 20;

/** A drift in tables and sentences. */
export function describe({ stack, drifted, leftAlone, unseen, notAsked, fixed }: Drift): string {
  const parts = [];
  if (fixed) parts.push(`${styled("green", `Repaired: ${summary(fixed)}.`)}\n${fixed.map((one) => `  ${label(one)}\n`).join("")}`);
  if (drifted.length > 0) parts.push(`${styled("yellow", `Drift in ${stack}: ${summary(drifted)}.`)}\n`, driftTable(drifted));
  else parts.push(`${styled("green", `No drift in ${stack}.`)}\n`);
  if (leftAlone.length > 0) {
    const rows = leftAlone
      .slice(0, MOST)
      .map((one) => [label(one), one.property, inWords(one.known), "actual" in one ? inWords(one.actual) : "(not shown)"]);
    const more = leftAlone.length > MOST ? `… and ${leftAlone.length - MOST} more, which --json lists\n` : "";
    parts.push(
      `Not declared, so Twilio's value stays and this is no drift:\n${table(["RESOURCE", "PROPERTY", "IN THE STATE", "AT TWILIO"], rows)}${more}`,
    );
  }
  if (notAsked !== undefined) parts.push(`Not looked at for what is not declared: ${notAsked}\n`);
  if (unseen.length > 0) {
    parts.push(
      `Drift cannot be seen here, as Twilio never tells these back: ${unseen.map((one) => `${one.property} of ${label(one)}`).join(", ")}.\n`,
    );
  }
  if (drifted.length > 0)
    parts.push("To repair it, run this with --fix, or `pulumi up --refresh`. To accept it, write it into the program.\n");
  return parts.join("\n");
}

const label = ({ type, name }: { type: string; name: string }): string => `${type} ${name}`;

/** `2 changed, 1 gone`. */
export function summary(drifted: readonly Drifted[]): string {
  const gone = drifted.filter((one) => one.gone).length;
  const changed = drifted.length - gone;
  return [changed > 0 ? `${changed} changed` : "", gone > 0 ? `${gone} gone` : ""].filter(Boolean).join(", ");
}

function driftTable(drifted: readonly Drifted[]): string {
  const rows = drifted.flatMap((resource) => {
    if (resource.gone) return [[label(resource), "–", "there", "gone", remedy(resource)]];
    // Some providers do not say what.
    if (resource.properties.length === 0) return [[label(resource), "–", "there", "changed", winners.update]];
    return resource.properties.map(({ property, declared, actual, repair }) => {
      return [label(resource), property, inWords(declared), inWords(actual), winners[repair]];
    });
  });
  return table(["RESOURCE", "PROPERTY", "DECLARED", "AT TWILIO", "WHO WINS"], rows);
}

const winners = {
  update: "the program's",
  replace: "the program's, by a replacement",
  refuse: "Twilio's: it is closed, declare what is there",
} as const;

/** What becomes of an object that is gone. */
const remedy = ({ type }: Drifted): string =>
  type === "PhoneNumber" ? "the program: a number is bought" : "the program: it is made again";
