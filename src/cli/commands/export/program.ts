import { oneLine } from "../../../core/process/printable";
import { codeIn, print } from "./code";
import { type Declaration, type Declared, declarationsOf } from "./declare";
import { namer } from "./names";

const MAX_PER_FILE = 100;
const PACKAGE = "pulumi-twilio-conversations";

/** The whole program as one text, for reading. */
export function oneFile(declared: Declared): string {
  return file(declared, declarationsOf(declared), new Map(), "const");
}

/** The program's files by name: one or more for each part, and `index.ts`, which imports them. */
export function files(declared: Declared): Map<string, string> {
  const fileName = namer();
  // A part's further file may have the name of another part, so each file is named in order.
  const chunks = declared.parts.flatMap(({ name, groups }) =>
    chunksOf(groups).map((declarations): [string, Declaration[]] => [fileName(name).name, declarations]),
  );
  const homes = new Map(chunks.flatMap(([name, declarations]) => declarations.map(({ identifier }) => [identifier, name] as const)));
  const index = `${heading(declared)}${missing(declared)}\n${chunks.map(([name]) => `import "./${name}";\n`).join("")}`;
  return new Map([
    ["index.ts", index],
    ...chunks.map(([name, declarations]) => [`${name}.ts`, file(declared, declarations, homes, "export const")] as const),
  ]);
}

/** Splits a part into files of reasonable length; a group, such as a conversation with its participants, stays together. */
function chunksOf(groups: readonly (readonly Declaration[])[]): Declaration[][] {
  const chunks: Declaration[][] = [];
  for (const group of groups) {
    const last = chunks.at(-1);
    if (last && last.length + group.length <= MAX_PER_FILE) last.push(...group);
    else chunks.push([...group]);
  }
  return chunks;
}

function heading({ accountSid }: Declared): string {
  return `// Twilio account ${accountSid ?? "of a Terraform state"}, as it was: \`adopt\` names the existing objects.\n`;
}

/** The classes that the program does not have, and why. */
function missing({ leftOut }: Declared): string {
  const classes = leftOut.filter(({ className }) => className !== undefined);
  return classes.map(({ what, className, why }) => `// Without ${what} (${className}): ${oneLine(why)}.\n`).join("");
}

/** One file: its imports, then its resources. `homes` has the file of each constant. */
function file(declared: Declared, declarations: readonly Declaration[], homes: ReadonlyMap<string, string>, keyword: string): string {
  const own = new Set(declarations.map(({ identifier }) => identifier));
  const codes = declarations.flatMap(({ args }) => codeIn(args));
  const used = new Set(codes.flatMap(({ uses }) => uses));
  // A resource becomes a constant if any file refers to it.
  const named = new Set(declarationsOf(declared).flatMap(({ args }) => codeIn(args).flatMap(({ uses }) => uses)));
  const elsewhere = new Map<string, string[]>();
  for (const name of used) {
    const home = own.has(name) ? undefined : homes.get(name);
    if (home !== undefined) elsewhere.set(home, [...(elsewhere.get(home) ?? []), name]);
  }
  const sdk = [...new Set(codes.flatMap(({ imports }) => imports))];
  const imports = [
    ...importOf(sdk, "@pulumi/pulumi"),
    ...importOf(
      declarations.map(({ className }) => className),
      PACKAGE,
    ),
    ...[...elsewhere].flatMap(([home, names]) => importOf(names, `./${home}`)),
  ];
  const config = sdk.includes("Config") ? "\nconst config = new Config();\n" : "";
  const body = declarations.map((one) => `\n${statement(one, named.has(one.identifier) ? `${keyword} ${one.identifier} = ` : "")}`);
  // A program in one file has no index.
  const head = homes.size === 0 ? heading(declared) + missing(declared) : heading(declared);
  return `${head}${imports.join("")}${config}${body.join("")}`;
}

function importOf(names: readonly string[], from: string): string[] {
  const sorted = [...new Set(names)].sort();
  return sorted.length === 0 ? [] : [`import { ${sorted.join(", ")} } from "${from}";\n`];
}

function statement({ className, name, args, comments }: Declaration, before: string): string {
  const head = `${before}new ${className}("${name}", `;
  return `${comments.map((comment) => `// ${oneLine(comment)}\n`).join("")}${head}${print(args, head.length)});\n`;
}
