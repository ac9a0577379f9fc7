import { kebab } from "../../shared/kebab";
import { packageInfo } from "../../shared/package-info";
import type { LeftOut } from "./account";
import { countsOf, type Declared } from "./declare";
import { files } from "./program";
import type { SecretValue } from "./secret-values";

/** A file of the project; a file with secrets is readable by its owner only. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
  readonly isSecret?: true;
}

/** The files of a Pulumi project. */
export function project(declared: Declared, folder: string): ProjectFile[] {
  const name = kebab(folder) || "twilio";
  const about = `Twilio account ${declared.accountSid ?? "of a Terraform state"} as Pulumi resources`;
  const dependencies = { [packageInfo.name]: `^${packageInfo.version}`, ...packageInfo.peerDependencies };
  return [
    ...[...files(declared)].map(([path, text]) => ({ path, text })),
    { path: "Pulumi.yaml", text: `name: ${name}\ndescription: ${about}\nruntime: nodejs\nmain: index.ts\n` },
    {
      path: "package.json",
      text: json({
        name,
        private: true,
        main: "index.ts",
        dependencies,
        devDependencies: { "@types/node": "^22.0.0", typescript: ">=5.0.0 <7.0.0" },
      }),
    },
    {
      path: "tsconfig.json",
      text: json({
        compilerOptions: {
          target: "ES2022",
          module: "nodenext",
          moduleResolution: "nodenext",
          types: ["node"],
          strict: true,
          skipLibCheck: true,
          noEmit: true,
        },
        files: ["index.ts"],
      }),
    },
    { path: ".gitignore", text: `node_modules/\n.pulumi/\n.twilio/\n${declared.secrets.length > 0 ? "set-secrets.sh\n" : ""}` },
    { path: "README.md", text: readme(declared, about) },
    ...(declared.secrets.length > 0 ? [{ path: "set-secrets.sh", text: script(declared.secrets), isSecret: true } as const] : []),
  ];
}

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** Passes the values through standard input, so that no process list shows them. */
function script(secrets: readonly SecretValue[]): string {
  const lines = secrets.map(({ key, value }) => `printf '%s\\n' '${value.replaceAll("'", "'\\''")}' | pulumi config set --secret ${key}\n`);
  return `#!/bin/sh\n# Stores the secrets in the configuration of the selected stack, encrypted. Run it once, then delete it.\nset -e\n${lines.join("")}`;
}

function readme(declared: Declared, about: string): string {
  const { secrets, leftOut, warnings } = declared;
  const lines = [
    `# ${about}`,
    "",
    "Every resource adopts an existing object at Twilio. The first `pulumi up` shows the resources as created; it changes nothing at Twilio.",
    "",
    "```sh",
    "npm install",
    "pulumi stack init prod        # and the credentials: https://www.npmjs.com/package/pulumi-twilio-conversations",
    ...(secrets.length > 0 ? ["sh set-secrets.sh             # once; then delete it, since it contains them in plain text"] : []),
    "pulumi up",
    "```",
    "",
    "| resource | count |",
    "|---|---|",
    ...Object.entries(countsOf(declared)).map(([className, count]) => `| \`${className}\` | ${count} |`),
    "",
    ...warnings.flatMap((warning) => [warning, ""]),
    "`pulumi destroy` leaves the objects at Twilio: adopted objects are kept, unless their resource sets `onDelete`. Of `attributes`, only the keys",
    "declared here are managed. If an object is deleted at Twilio before the first `pulumi up`, that fails and names it; remove it, or export again.",
    "",
    "## Not in the program",
    "",
    ...(leftOut.length === 0 ? ["Nothing."] : ["| what | count | why |", "|---|---|---|", ...leftOut.map(row)]),
    "",
  ];
  return lines.join("\n");
}

const row = ({ what, count, why }: LeftOut): string => `| ${cell(what)} | ${count ?? "?"} | ${cell(why)} |`;

/** A cell of a Markdown table. A state that came from elsewhere names types as it likes; of Markdown, only a word as code remains. */
const cell = (text: string): string => text.replace(/(`\w+`)|[|`<>[\]\r\n]+/g, (_, code?: string) => code ?? " ");
