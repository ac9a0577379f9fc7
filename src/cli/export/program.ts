import { codeIn, print } from "./code";
import { type Declaration, type Declared, declarationsOf } from "./declare";
import { namer } from "./names";

const MOST_PER_FILE = 100;
const PACKAGE = "pulumi-twilio-conversations";

/** The whole program as one text, for reading. */
export function oneFile(declared: Declared): string {
  return file(declared, declarationsOf(declared), new Map(), "const");
}

/** The program's files by name: the numbers, each service in one or more, and `index.ts` that loads them. */
export function files(declared: Declared): Map<string, string> {
  const fileName = namer();
  // A further file may be called as another service is, so each is named as it comes.
  const named = (name: string, groups: readonly (readonly Declaration[])[], first = fileName(name).name) =>
    chunksOf(groups).map((chunk, index): [string, Declaration[]] => [index === 0 ? first : fileName(name).name, chunk]);
  // That name is kept for them.
  const numbers = declared.numbers.map((one) => [one]);
  const chunks = [...named("numbers", numbers, "numbers"), ...declared.parts.flatMap(({ name, groups }) => named(name, groups))];
  const homes = new Map(chunks.flatMap(([name, declarations]) => declarations.map(({ identifier }) => [identifier, name] as const)));
  const index = `${heading(declared)}\n${chunks.map(([name]) => `import "./${name}";\n`).join("")}`;
  return new Map([
    ["index.ts", index],
    ...chunks.map(([name, declarations]) => [`${name}.ts`, file(declared, declarations, homes, "export const")] as const),
  ]);
}

/** Files of a bearable length; a group, a conversation with its participants, is not torn apart. */
function chunksOf(groups: readonly (readonly Declaration[])[]): Declaration[][] {
  const chunks: Declaration[][] = [];
  for (const group of groups) {
    const last = chunks.at(-1);
    if (last && last.length + group.length <= MOST_PER_FILE) last.push(...group);
    else chunks.push([...group]);
  }
  return chunks;
}

function heading({ accountSid }: Declared): string {
  return `// Twilio account ${accountSid ?? "of a Terraform state"}, taken over as it was: \`adopt\` names what is there already.\n`;
}

/** One file: what it needs from elsewhere, then its resources. `homes` tells where constants are. */
function file(declared: Declared, declarations: readonly Declaration[], homes: ReadonlyMap<string, string>, keyword: string): string {
  const own = new Set(declarations.map(({ identifier }) => identifier));
  const codes = declarations.flatMap(({ args }) => codeIn(args));
  const used = new Set(codes.flatMap(({ uses }) => uses));
  // A constant is made of what is named somewhere, be it in another file.
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
  return `${heading(declared)}${imports.join("")}${config}${body.join("")}`;
}

function importOf(names: readonly string[], from: string): string[] {
  const sorted = [...new Set(names)].sort();
  return sorted.length === 0 ? [] : [`import { ${sorted.join(", ")} } from "${from}";\n`];
}

function statement({ className, name, args, comments }: Declaration, before: string): string {
  const head = `${before}new ${className}("${name}", `;
  return `${comments.map((comment) => `// ${comment}\n`).join("")}${head}${print(args, head.length)});\n`;
}
