import { kebab } from "../../shared/kebab";
import { packageInfo } from "../../shared/package-info";
import type { LeftOut } from "./account";
import { countsOf, type Declared } from "./declare";
import { files } from "./program";
import type { SecretValue } from "./secret-values";

/** A file of the project; what holds secrets is for its owner only. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
  readonly isSecret?: true;
}

/** A whole Pulumi project. */
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

/** The values come by standard input, so that no list of processes shows them. */
function script(secrets: readonly SecretValue[]): string {
  const lines = secrets.map(({ key, value }) => `printf '%s\\n' '${value.replaceAll("'", "'\\''")}' | pulumi config set --secret ${key}\n`);
  return `#!/bin/sh\n# Puts what is secret into the selected stack's configuration, encrypted. Run it once, then delete it.\nset -e\n${lines.join("")}`;
}

function readme(declared: Declared, about: string): string {
  const { secrets, leftOut, warnings } = declared;
  const lines = [
    `# ${about}`,
    "",
    "Every resource takes over what is at Twilio already, by `adopt`. The first `pulumi up` shows them as created; at Twilio it changes nothing.",
    "",
    "```sh",
    "npm install",
    "pulumi stack init prod        # and the credentials: https://www.npmjs.com/package/pulumi-twilio-conversations",
    ...(secrets.length > 0 ? ["sh set-secrets.sh             # once; then delete it, for it holds them in plain text"] : []),
    "pulumi up",
    "```",
    "",
    "| resource | count |",
    "|---|---|",
    ...Object.entries(countsOf(declared)).map(([className, count]) => `| \`${className}\` | ${count} |`),
    "",
    ...warnings.flatMap((warning) => [warning, ""]),
    "`pulumi destroy` forgets them and leaves them at Twilio: what was adopted is kept, unless its resource says `onDelete`. Of `attributes`, only the keys",
    "that stand here are managed. If something is deleted at Twilio before the first `pulumi up`, that says which; take it out, or export again.",
    "",
    "## Not in the program",
    "",
    ...(leftOut.length === 0 ? ["Nothing."] : ["| what | count | why |", "|---|---|---|", ...leftOut.map(row)]),
    "",
  ];
  return lines.join("\n");
}

const row = ({ what, count, why }: LeftOut): string => `| ${what} | ${count ?? "?"} | ${why.replace(/[|\r\n]+/g, " ")} |`;
