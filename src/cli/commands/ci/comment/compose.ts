import { entryOf } from "../../../shared/catalog";
import { type Drifted, type DriftReport, summaryOf } from "../../../shared/drift-report";
import { valueAt } from "../../../shared/properties";
import { costOf, type Prices, releasesIn, sumInWords } from "./cost";
import { headline } from "./headline";
import { assemble, code, type Dialect, prose, type Section, tableSection, valueCode } from "./markdown";
import { type Change, isLost, isNumber, type Plan, weight } from "./plan";
import type { Violation } from "./policy";
import { topology } from "./topology";

/** What one stack's comment reports. */
export interface Facts {
  readonly plan: Plan;
  /** Prices of numbers that the preview has no price of. */
  readonly prices?: Prices;
  /** Policy violations; missing where no policy was checked. */
  readonly violations?: readonly Violation[];
  /** Why the policies were not checked, and the fix. */
  readonly uncheckedPolicies?: string;
  /** What `drift --json` found; missing where it did not run. */
  readonly drift?: DriftReport;
  /** The commit that was previewed. */
  readonly commit?: string;
}

/**
 * The first line of a stack's comment, which identifies it later. It is a link definition, which no forge displays; a forge without HTML would
 * display an HTML comment.
 */
export const markerOf = ({ project, stack }: Pick<Plan, "project" | "stack">): string =>
  `[//]: # "twilio-conversations ${project.replace(/[^\w.-]/g, "_")}/${stack.replace(/[^\w./-]/g, "_")}"`;

/** One stack's comment. */
export function compose({ plan, prices, violations, uncheckedPolicies, drift, commit }: Facts, dialect: Dialect): string {
  const of = commit === undefined ? "" : ` of ${code(commit.slice(0, 8))}`;
  // After an error, the preview lists some of the resources only.
  const isComplete = plan.errors.length === 0;
  const sections: (Section | undefined)[] = [
    text(
      `${markerOf(plan)}\n\n### Preview${of}: ${code(plan.project === "" ? plan.stack : `${plan.project}/${plan.stack}`)}\n\n**${prose(headline(plan))}**\n`,
    ),
    list(
      "",
      plan.errors.map((error) => `❌ ${prose(error)}`),
    ),
    list("", [...losses(plan.changes), ...policySummary(violations, uncheckedPolicies)]),
    changesTable(plan),
    isComplete ? cost(plan, prices) : undefined,
    policy(violations),
    driftSection(drift),
    list("Warnings", plan.warnings.map(prose)),
    isComplete ? drawing(plan.changes, dialect) : undefined,
    everything(plan.changes),
  ];
  return assemble(
    sections.filter((section) => section !== undefined),
    dialect,
  );
}

const text = (head: string): Section => ({ head, rows: [] });

function list(title: string, items: readonly string[]): Section | undefined {
  if (items.length === 0) return undefined;
  return { head: "", rows: items.map((item) => `- ${item}\n`), ...(title === "" ? {} : { title }) };
}

const label = ({ type, name }: Pick<Change, "type" | "name">): string => `${prose(type)} ${code(name)}`;

/** What cannot be undone, marked. */
function losses(changes: readonly Change[]): string[] {
  const released = releasesIn(changes).map(
    ({ change, number }) =>
      `⚠️ **Released:** ${code(number)} of ${label(change)} returns to Twilio; it can be bought back for at most ten days.`,
  );
  const replaced = changes
    .filter(({ action }) => action === "replace")
    .map(
      (change) =>
        `⚠️ **Replaced:** ${label(change)}${change.because.length > 0 ? `, because of ${change.because.map(code).join(", ")}` : ""}${lostWith(change)}.`,
    );
  const deleted = changes
    .filter((change) => change.action === "delete" && !isNumber(change) && isLost(change) && lostWith(change) !== "")
    .map((change) => `⚠️ **Deleted:** ${label(change)}${lostWith(change)}.`);
  return [...released, ...replaced, ...deleted];
}

/** What is deleted with an object; without `forceDestroy`, the provider refuses while there is any. */
function lostWith({ token, before }: Change): string {
  const entry = entryOf(token);
  const what = entry?.facts.contents;
  if (what === undefined) return "";
  if (!entry?.definition.fields.forceDestroy) return `, with all ${what}`;
  return before?.outputs?.forceDestroy === true
    ? `, with all ${what} in it (${code("forceDestroy")})`
    : `; refused while it contains ${what}`;
}

function policySummary(violations: readonly Violation[] = [], unchecked?: string): string[] {
  if (unchecked !== undefined) return [`⚠️ **Policies were not checked**, because ${prose(unchecked)}`];
  const mandatory = violations.filter(({ level }) => level === "mandatory").length;
  if (mandatory === 0) return [];
  return [
    `❌ **${mandatory === 1 ? "1 violation of a mandatory policy stops" : `${mandatory} violations of mandatory policies stop`} the deployment.**`,
  ];
}

function markOf(change: Change): string {
  if (change.action !== "delete") return `${marks[change.action]}`;
  if (!isLost(change)) return "👋 leave";
  return entryOf(change.token)?.definition.singleton ? "↩️ restore" : `${marks.delete}`;
}

const marks: Readonly<Record<string, string>> = {
  create: "➕ create",
  update: "✏️ change",
  replace: "♻️ replace",
  delete: "🗑️ delete",
  import: "📥 import",
};

function changesTable({ changes }: Plan): Section | undefined {
  const changing = changes.filter(({ action }) => action !== "same").sort((a, b) => weight(a) - weight(b));
  if (changing.length === 0) return undefined;
  const rows = changing.flatMap((change): string[][] => {
    const mark = `${markOf(change)}${isLost(change) && isNumber(change) ? " ⚠️" : ""}`;
    if (change.action !== "update" && change.action !== "replace") return [[mark, label(change), "", brief(change)]];
    const properties = change.properties.map(({ property, before, after }) => [
      code(property),
      `${valueCode(before)} → ${valueCode(after)}`,
    ]);
    return (properties.length > 0 ? properties : [["", "internal properties"]]).map(([property = "", values = ""], index) => [
      index === 0 ? mark : "",
      index === 0 ? label(change) : "",
      property,
      values,
    ]);
  });
  return tableSection(["", "Resource", "Property", "Old → new"], rows);
}

/** The property that people know a created or deleted object by; the details list all of them. */
function brief({ properties, action, token }: Change): string {
  const titles = entryOf(token)?.facts.titleProperties ?? ["friendlyName", "uniqueName"];
  const declared = Object.fromEntries(properties.map(({ property, before, after }) => [property, action === "delete" ? before : after]));
  const found = titles.map((name) => valueAt(declared, name)).find((value) => value !== undefined);
  return found === undefined ? "" : valueCode(found);
}

function cost(plan: Plan, prices: Prices | undefined): Section | undefined {
  const { before, after, kept } = costOf(plan, prices);
  if (before.numbers + after.numbers === 0) return undefined;
  const stays =
    kept === 0 ? "" : ` ${kept === 1 ? "One number leaves" : `${kept} numbers leave`} the stack and stays in the account, at its price.`;
  const omitted = plan.omitted === 0 ? "" : " Unchanged numbers may be missing: the preview was run without `--show-sames`.";
  return text(
    `**Numbers, a month:** ${sumInWords(before)} → ${sumInWords(after)}.${stays}${omitted} The sum excludes messages, calls and taxes.\n`,
  );
}

function policy(violations: readonly Violation[] | undefined): Section | undefined {
  if (violations === undefined) return undefined;
  if (violations.length === 0) return text("**Policies:** no violations.\n");
  const rows = violations.map(({ level, policy: name, resource, message }) => [
    level === "mandatory" ? "❌ mandatory" : `⚠️ ${prose(level)}`,
    code(name),
    resource === undefined ? "the stack" : code(resource),
    prose(message),
  ]);
  return tableSection(["Policy", "", "Resource", "Message"], rows);
}

function driftSection(drift: DriftReport | undefined): Section | undefined {
  if (drift === undefined) return undefined;
  if (drift.drifted.length === 0) {
    const lacks = drift.undeployed.length > 0 ? " in what the state contains; the preview shows what it lacks" : "";
    return text(`**Drift:** none${lacks}.${closedIn(drift)}\n`);
  }
  const rows = drift.drifted.flatMap((one): string[][] =>
    one.gone || one.properties.length === 0
      ? [[label(one), "", one.gone ? goneIn(one) : "changed"]]
      : one.properties.map(({ property, declared, actual }) => [
          label(one),
          code(property),
          `${valueCode(declared)}, at Twilio ${valueCode(actual)}`,
        ]),
  );
  const isRepairable = drift.drifted.every((one) => !one.adopted && one.properties.every(({ repair }) => repair !== "refuse"));
  const title = `Drift: ${summaryOf(drift.drifted)}${isRepairable ? "; pulumi up --refresh resets it" : ""}`;
  return tableSection(["Resource", "Property", "Declared"], rows, title);
}

const goneIn = ({ adopted }: Drifted): string => `gone at Twilio${adopted ? `; created if ${code("adopt")} is removed` : ""}`;

const closedIn = ({ closed }: DriftReport): string =>
  closed.length === 0 ? "" : ` Closed at Twilio, so nobody can write to it: ${closed.map(label).join(", ")}.`;

function drawing(changes: readonly Change[], { draws }: Dialect): Section | undefined {
  const found = draws ? topology(changes) : undefined;
  if (!found) return undefined;
  const more = found.left === 0 ? "" : `\nThe graph omits ${found.left} more.\n`;
  return { head: "```mermaid\n", rows: [found.mermaid], tail: `\`\`\`\n${more}`, title: "Topology", isIndivisible: true };
}

/** Every declared property of created, replaced and deleted resources. */
function everything(changes: readonly Change[]): Section | undefined {
  const rows = changes
    .filter(({ action }) => action !== "same" && action !== "update")
    .flatMap((change) => {
      const [olds, news] = [change.before?.inputs ?? {}, change.after?.inputs ?? {}];
      const inputs = change.action === "delete" ? olds : news;
      const declared = Object.entries(inputs).filter(([property]) => !property.startsWith("__"));
      return declared.map(([property, value], index) => [
        index === 0 ? `${markOf(change)} ${label(change)}` : "",
        code(property),
        valueCode(value),
      ]);
    });
  return rows.length === 0
    ? undefined
    : tableSection(["Resource", "Property", "Value"], rows, "All properties of created, replaced and deleted resources");
}
