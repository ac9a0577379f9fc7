import { Command } from "commander";
import { oneLine } from "../../../core/process/printable";
import { print } from "../../shared/output";
import { packageInfo } from "../../shared/package-info";
import type { Finding } from "./finding";

interface DoctorOptions {
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations doctor`: checks everything that a deployment needs, and says how to fix problems. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Check what a deployment needs: versions, credentials, account, clock, stack; and say how to fix problems. Changes nothing.",
    )
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "print the findings as one JSON object")
    .addHelpText(
      "after",
      `
Exits with 1 if a check fails; a warning is not a failure.

Examples:
  $ twilio-conversations doctor
  $ twilio-conversations doctor --stack prod
  $ twilio-conversations doctor --json | jq '.findings[] | select(.verdict != "ok")'`,
    )
    .action(run);
}

async function run({ json, ...where }: DoctorOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const { examine } = await import("./examine");
  const { exitCodes } = await import("../../shared/exit-codes");
  const findings = await examine(where, packageInfo.version);
  const ok = findings.every(({ verdict }) => verdict !== "fail");
  print(json ? `${JSON.stringify({ ok, findings })}\n` : await describe(findings));
  if (!ok) process.exitCode = exitCodes.error;
}

const INDENT = " ".repeat(23);
const colors = { ok: "green", warn: "yellow", fail: "red", skipped: "dim" } as const;

async function describe(findings: readonly Finding[]): Promise<string> {
  const { styled } = await import("../../shared/table");
  const lines = findings.map(({ name, verdict, detail, fix }) => {
    const line = `${styled(colors[verdict], verdict.padEnd(8))} ${name.padEnd(13)} ${oneLine(detail)}\n`;
    return fix === undefined ? line : `${line}${INDENT}What to do: ${fix.replace(/\n/g, `\n${INDENT}`)}\n`;
  });
  const count = (wanted: Finding["verdict"]) => findings.filter(({ verdict }) => verdict === wanted).length;
  const [failed, warned] = [count("fail"), count("warn")];
  const unchecked = findings.filter(({ verdict }) => verdict === "skipped").map(({ name }) => name);
  const verdict =
    failed + warned > 0 ? `${failed} failed, ${warned} with warnings.` : unchecked.length > 0 ? "No check failed." : "Everything is fine.";
  return `${lines.join("")}${verdict}${unchecked.length > 0 ? ` Not checked: ${unchecked.join(", ")}.` : ""}\n`;
}
