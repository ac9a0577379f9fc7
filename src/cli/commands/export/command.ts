import { Command } from "commander";
import { print, printError } from "../../shared/output";
import type { Account, LeftOut } from "./account";
import type { Declared } from "./declare";

interface ExportOptions {
  out?: string;
  service?: string;
  include?: string;
  fromTfstate?: string;
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations export`: writes a Pulumi program that adopts the objects of an account. */
export function exportCommand(): Command {
  return new Command("export")
    .description(
      "Write a Pulumi program that adopts the existing objects of an account. Only reads from Twilio; an interrupted export resumes.",
    )
    .option("--out <folder>", "write a whole project into this folder (default: print the program)")
    .option("--service <service>", "only this conversation service, IS… or its friendly name, and the numbers that it uses")
    .option("--include <types>", "only these types, separated by commas: numbers, services, conversations, participants, … (default: all)")
    .option("--from-tfstate <file>", "read a Terraform state of either Twilio provider instead of Twilio")
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "the stack whose Twilio credentials to use (default: the selected stack)")
    .option("--json", "print the result as one JSON object; requires --out")
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
  // Loaded here, so that --help and usage errors are fast.
  const [{ countsOf, declare }, { oneFile }, { openFolder }] = await Promise.all([
    import("./declare"),
    import("./program"),
    import("./folder"),
  ]);
  const { UsageError } = await import("../../../core/twilio/errors");
  if (json && out === undefined) throw new UsageError("--json reports what was written, so it requires --out.");
  const types = await typesIn(include);
  const folder = out === undefined ? undefined : openFolder(out);
  const account = fromTfstate === undefined ? await scanned() : (await import("./terraform")).fromTerraform(fromTfstate);
  const declared = declare(account);
  const resources = countsOf(declared);
  if (folder === undefined) {
    print(oneFile(declared));
    printError(`\n${report(declared, resources)}`);
    return;
  }
  const files = folder.write(declared);
  const { accountSid, secrets, leftOut, warnings } = declared;
  const result = { out, accountSid, files, resources, secrets: secrets.map(({ key }) => key), leftOut, warnings };
  print(json ? `${JSON.stringify(result)}\n` : `${report(declared, resources)}\n  cd ${out} && npm install && pulumi up\n`);

  async function scanned(): Promise<Account> {
    const [{ openTarget }, { scan }, { openScanFile }, { openProgress }] = await Promise.all([
      import("../../shared/target"),
      import("./scan"),
      import("./scan-file"),
      import("../../shared/progress"),
    ]);
    const target = await openTarget(where);
    const progress = openProgress({ quiet: json });
    try {
      const { accountSid, place } = target.connection;
      const scope = { accountSid, place, what: JSON.stringify([service ?? null, types]) };
      const file = openScanFile(folder?.scanFile, scope);
      if (file.resumed !== undefined) progress.say(`Resuming the scan that started at ${file.resumed}.`);
      return await scan({ twilio: target.twilio, file, progress, include: new Set(types), service });
    } finally {
      progress.end();
      await target.close();
    }
  }
}

/** The types to export, as the catalog calls them. */
async function typesIn(include: string | undefined): Promise<string[]> {
  const [{ catalogEntries }, { isDeclared }] = await Promise.all([import("../../../catalog"), import("./without-resource")]);
  const known = catalogEntries.filter(isDeclared).map(({ facts }) => facts.plural);
  const names = include === undefined ? known : include.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return known.filter((name) => names.includes(name));
  const { UsageError } = await import("../../../core/twilio/errors");
  throw new UsageError(`--include must name types among ${known.join(", ")}; it names ${JSON.stringify(unknown)}.`);
}

function report({ leftOut, secrets, warnings }: Declared, counts: Record<string, number>): string {
  const resources = Object.entries(counts).map(([className, count]) => `${count} ${className}`);
  const lines = [`In the program: ${resources.join(", ") || "nothing"}.`];
  lines.push(...warnings);
  if (secrets.length > 0)
    lines.push(`Secrets, which the program reads from the stack's configuration: ${secrets.map(({ key }) => key).join(", ")}.`);
  if (leftOut.length > 0) lines.push("Not in the program:", ...leftOut.map(line));
  return `${lines.join("\n")}\n`;
}

const line = ({ what, count, why }: LeftOut) => `  ${String(count ?? "?").padStart(6)}  ${what}: ${why}`;
