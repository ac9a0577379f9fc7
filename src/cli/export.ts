import { Command, InvalidArgumentError } from "commander";
import { type Account, type Kind, kinds, type LeftOut } from "./export/account";
import type { Declared } from "./export/declare";

interface ExportOptions {
  out?: string;
  service?: string;
  include: Kind[];
  fromTfstate?: string;
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations export`: makes a Pulumi program of what an account holds already. */
export function exportCommand(): Command {
  return new Command("export")
    .description(
      "Write a Pulumi program that takes over what is at Twilio already. Only reads; an interrupted export goes on where it was.",
    )
    .option("--out <folder>", "write a whole project into this folder (default: print the program)")
    .option("--service <service>", "only this conversation service, IS… or its friendly name, with the numbers that it texts with")
    .option("--include <kinds>", `only these, of ${kinds.join(",")}`, kindsOf, [...kinds])
    .option("--from-tfstate <file>", "make it of a Terraform state of either Twilio provider instead, without asking Twilio")
    .option("--profile <name>", "a profile of the Twilio CLI, in place of the stack's credentials")
    .option("--stack <name>", "the stack whose Twilio is meant (default: the one that is selected)")
    .option("--json", "print what was done as one JSON object; needs --out")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations export --out account
  $ twilio-conversations export --service Support --include services,conversations
  $ twilio-conversations export --from-tfstate terraform.tfstate --out account`,
    )
    .action(run);
}

async function run({ out, service, include, fromTfstate, json, ...where }: ExportOptions): Promise<void> {
  // Loaded here, so that --help and mistyped commands answer at once.
  const [{ countsOf, declare }, { oneFile }, { openFolder }] = await Promise.all([
    import("./export/declare"),
    import("./export/program"),
    import("./export/folder"),
  ]);
  const { UsageError } = await import("../core/twilio/errors");
  if (json && out === undefined) throw new UsageError("--json tells what was written; give --out as well.");
  const folder = out === undefined ? undefined : openFolder(out);
  const account = fromTfstate === undefined ? await scanned() : (await import("./export/terraform")).fromTerraform(fromTfstate);
  const declared = declare(account);
  const resources = countsOf(declared);
  if (folder === undefined) {
    process.stdout.write(oneFile(declared));
    process.stderr.write(`\n${report(declared, resources)}`);
    return;
  }
  const files = folder.write(declared);
  const { accountSid, secrets, leftOut, warnings } = declared;
  const told = { out, accountSid, files, resources, secrets: secrets.map(({ key }) => key), leftOut, warnings };
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${report(declared, resources)}\n  cd ${out} && npm install && pulumi up\n`);

  async function scanned(): Promise<Account> {
    const [{ openTarget }, { scan }, { openScanFile }, { openProgress }] = await Promise.all([
      import("./target"),
      import("./export/scan"),
      import("./export/scan-file"),
      import("./progress"),
    ]);
    const target = await openTarget(where);
    const progress = openProgress({ quiet: json });
    try {
      const { accountSid, place } = target.connection;
      const scope = { accountSid, place, what: JSON.stringify([service ?? null, include]) };
      const file = openScanFile(folder?.scanFile, scope);
      if (file.resumed !== undefined) progress.say(`Going on with the scan that began ${file.resumed}.`);
      return await scan({ twilio: target.twilio, file, progress, include: new Set(include), service });
    } finally {
      progress.end();
      await target.close();
    }
  }
}

function kindsOf(text: string): Kind[] {
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !kinds.includes(name as Kind));
  if (wrong !== undefined) throw new InvalidArgumentError(`${JSON.stringify(wrong)} is none of ${kinds.join(", ")}.`);
  return kinds.filter((kind) => names.includes(kind));
}

function report({ leftOut, secrets, warnings }: Declared, counts: Record<string, number>): string {
  const resources = Object.entries(counts).map(([className, count]) => `${count} ${className}`);
  const lines = [`In the program: ${resources.join(", ") || "nothing"}.`];
  lines.push(...warnings);
  if (secrets.length > 0) lines.push(`Secrets, taken from the stack's configuration: ${secrets.map(({ key }) => key).join(", ")}.`);
  if (leftOut.length > 0) lines.push("Not in the program:", ...leftOut.map(line));
  return `${lines.join("\n")}\n`;
}

const line = ({ what, count, why }: LeftOut) => `  ${String(count ?? "?").padStart(6)}  ${what}: ${why}`;
