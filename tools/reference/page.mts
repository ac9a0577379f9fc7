// A resource's page.
import { classOf, type Definition, effectOf, rulesOf } from "./change.mts";
import { type Argument, type Described, described } from "./docstrings.mts";
import { errorsOf } from "./errors.mts";
import { pageName } from "./page-name.mts";
import { permissionsOf } from "./permissions.mts";

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll("|", "\\|");
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`)].join("\n");

/** A docstring without the default, and the default. */
function splitDefault(text: string): { meaning: string; byDefault: string } {
  const [whole = "", byDefault = ""] = / ?Default: (.+?)(?:\.(?= |$)|$)/.exec(text) ?? [];
  return { meaning: text.replace(whole, "").trim(), byDefault };
}

function argumentRow(definition: Definition, one: Argument): string[] {
  const group = one.name.split(".").slice(0, -1).join(".");
  const required = one.required === "yes" && group !== "" ? `in ${code(group)}` : one.required;
  const parts = one.docs.map(splitDefault);
  const or = (texts: readonly string[]) => [...new Set(texts.filter(Boolean))].join("<br>Or: ");
  return [
    code(one.name),
    code(one.type),
    required === "no" ? "" : required,
    or(parts.map(({ byDefault }) => byDefault)),
    one.isGroup ? "" : effectOf(definition, one.name),
    or(parts.map(({ meaning }) => meaning)),
  ];
}

/** In the definition's order, and last what every resource has; what groups others comes before them. */
function inOrder(args: readonly Argument[], definition: Definition): Argument[] {
  const common = ["adopt", "onDelete"];
  const names = [...Object.keys(definition.fields).filter((name) => !common.includes(name)), ...common];
  const place = ({ name }: Argument) => names.findIndex((field) => field === name || field.startsWith(`${name}.`));
  return args.toSorted((a, b) => place(a) - place(b) || a.name.length - b.name.length);
}

const permissionsText = (definition: Definition): string[] => {
  if (definition.facts?.export?.needsAuthToken) return ["An API key cannot manage this resource: it needs the account's auth token."];
  const { listed, unlisted } = permissionsOf(definition);
  if (listed.length === 0)
    return [
      definition.product === "conversations"
        ? "Twilio has permissions for Conversations (classic). Their names are not known to this package, so this page cannot list them."
        : "Twilio's list has no permission for this resource. Use a standard key or the auth token.",
    ];
  const lacking =
    unlisted.length > 0
      ? [`Twilio's list has nothing for ${unlisted.map(code).join(", ")}. Whether a restricted key can do this is not known.`]
      : [];
  return [listed.map((one) => `- ${code(one)}`).join("\n"), ...lacking];
};

/** A definition and what the source says about its class. */
export interface Entry {
  readonly definition: Definition;
  readonly name: string;
  readonly source: Described;
}

/** What the reference says about a definition. */
export function entryOf(definition: Definition): Entry {
  const name = classOf(definition);
  return { definition, name, source: described(name, Object.keys(definition.fields)) };
}

/** The text of a page. */
export function pageOf({ definition, name, source }: Entry): string {
  const args = inOrder(source.args, definition);
  const links = [...new Set([...source.doc.see, ...source.argsDoc.see])].map((url) => `<${url}>`);
  const rules = rulesOf(definition).map((rule) => `- ${rule}`);
  const errors = errorsOf(name);
  return `${[
    `# ${name}`,
    "<!-- Written by `npm run docs` from the docstrings and the definition. -->",
    source.doc.text,
    `\`\`\`ts\n${source.doc.example}\n\`\`\``,
    `[Source](../../${source.file}) · Twilio: ${links.join(", ")} · [All resources](README.md)`,
    "## Arguments",
    source.argsDoc.text,
    ...(source.kinds.length > 0 ? [source.kinds.map((kind) => `- ${code(kind.name)}: ${kind.text}`).join("\n")] : []),
    table(
      ["argument", "type", "required", "default", "a change", "meaning"],
      args.map((one) => argumentRow(definition, one)),
    ),
    ...(rules.length > 0 ? [rules.join("\n")] : []),
    "## Outputs",
    table(
      ["output", "meaning"],
      source.outputs.map((output) => [code(output.name), output.text]),
    ),
    ...(errors.length > 0 ? ["## Errors", errors.join("\n")] : []),
    "## Permissions of a restricted API key",
    ...permissionsText(definition),
  ].join("\n\n")}\n`;
}

/** A set of the catalog. */
export type SetDefinition = typeof import("../../dist/catalog.js")["sets"][number];

/** A set and what the source says about its class. */
export interface SetEntry {
  readonly set: SetDefinition;
  readonly name: string;
  readonly source: Described;
}

/** What the reference says about a set. */
export function setEntryOf(set: SetDefinition): SetEntry {
  const name = set.type.slice(set.type.lastIndexOf(":") + 1);
  return { set, name, source: described(name, []) };
}

/** The text of a set's page. The arguments of an item are on the page of the resource of one object. */
export function pageOfSet({ set, name, source }: SetEntry): string {
  const item = classOf(set.item);
  const rows = source.args.map(({ name: argument, type, required, docs }) => {
    const { meaning, byDefault } = splitDefault(docs.join(" "));
    return [code(argument), code(type), required === "no" ? "" : required, byDefault, meaning];
  });
  return `${[
    `# ${name}`,
    "<!-- Written by `npm run docs` from the docstrings and the definition. -->",
    source.doc.text,
    `\`\`\`ts\n${source.doc.example}\n\`\`\``,
    `[Source](../../${source.file}) · Twilio: ${source.doc.see.map((url) => `<${url}>`).join(", ")} · [Sets](../sets.md) · [All resources](README.md)`,
    "## Arguments",
    `The arguments, errors and permissions of an item are those of [${item}](${pageName(item)}).`,
    table(["argument", "type", "required", "default", "meaning"], rows),
    "## Outputs",
    table(
      ["output", "meaning"],
      source.outputs.map((output) => [code(output.name), output.text]),
    ),
  ].join("\n\n")}\n`;
}
