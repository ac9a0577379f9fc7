import { Command } from "commander";
import { UsageError } from "../../../../core/twilio/errors";
import { note, print } from "../../../shared/output";

interface IssueOptions {
  title: string;
  text?: string;
  close?: true;
  json?: true;
}

/** `twilio-conversations ci issue`: keeps one issue with a title open while there is something to report. */
export function issueCommand(): Command {
  return new Command("issue")
    .description("Open or update the issue with a title, or close it. On GitHub and GitLab.")
    .requiredOption("--title <title>", "the issue's title, which identifies it")
    .option("--text <file>", "the file with the issue's text, shown verbatim")
    .option("--close", "close the issue, if it is open")
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
The pipeline's variables identify GitHub or GitLab. The token comes from GITHUB_TOKEN or GITLAB_TOKEN. Elsewhere, or without a token, the command
prints a note and does nothing.

Examples:
  $ twilio-conversations drift --stack prod > drift.txt || twilio-conversations ci issue --title "Drift in prod" --text drift.txt
  $ twilio-conversations ci issue --title "Drift in prod" --close`,
    )
    .action(run);
}

async function run({ title, text, close, json }: IssueOptions): Promise<void> {
  if ((text === undefined) === (close === undefined)) throw new UsageError("exactly one of --text FILE and --close is required.");
  // Loaded here, so that --help and usage errors are fast.
  const [{ readFile }, { closeIssue, issuesOf, openIssue }] = await Promise.all([import("node:fs/promises"), import("./issues")]);
  const issues = issuesOf(process.env);
  if ("why" in issues) {
    note(`note: no issue is opened or closed: ${issues.why}.`);
    if (json) print(`${JSON.stringify({ title, became: "skipped", why: issues.why })}\n`);
    return;
  }
  const result = await (text === undefined ? closeIssue(issues, title) : openIssue(issues, title, await readFile(text, "utf8")));
  print(json ? `${JSON.stringify({ title, ...result })}\n` : `${title}: ${result.became}${result.url ? `, ${result.url}` : ""}\n`);
}
