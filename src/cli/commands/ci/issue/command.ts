import { Command } from "commander";
import { UsageError } from "../../../../core/twilio/errors";
import { note } from "../../../shared/output";

interface IssueOptions {
  title: string;
  text?: string;
  close?: true;
  json?: true;
}

/** `twilio-conversations ci issue`: one issue of a title, for as long as there is something to tell. */
export function issueCommand(): Command {
  return new Command("issue")
    .description("Keep one issue of a title: open it or bring it up to date, or close it. On GitHub and GitLab.")
    .requiredOption("--title <title>", "the issue's title, by which it is found again")
    .option("--text <file>", "the text that it shows, as it is")
    .option("--close", "close it, if it is open")
    .option("--json", "print what became of it as one JSON object")
    .addHelpText(
      "after",
      `
GitHub or GitLab is known by the pipeline's own variables; the token comes from GITHUB_TOKEN or GITLAB_TOKEN. Elsewhere, or without a token,
nothing is done, and that is said.

Examples:
  $ twilio-conversations drift --stack prod > drift.txt || twilio-conversations ci issue --title "Drift in prod" --text drift.txt
  $ twilio-conversations ci issue --title "Drift in prod" --close`,
    )
    .action(run);
}

async function run({ title, text, close, json }: IssueOptions): Promise<void> {
  if ((text === undefined) === (close === undefined)) throw new UsageError("give either --text FILE or --close.");
  // Loaded here, so that --help and mistyped commands answer at once.
  const [{ readFile }, { closeIssue, issuesOf, openIssue }] = await Promise.all([import("node:fs/promises"), import("./issues")]);
  const issues = issuesOf(process.env);
  if ("why" in issues) {
    note(`note: no issue is kept: ${issues.why}.`);
    if (json) process.stdout.write(`${JSON.stringify({ title, became: "skipped", why: issues.why })}\n`);
    return;
  }
  const result = await (text === undefined ? closeIssue(issues, title) : openIssue(issues, title, await readFile(text, "utf8")));
  process.stdout.write(
    json ? `${JSON.stringify({ title, ...result })}\n` : `${title}: ${result.became}${result.url ? `, ${result.url}` : ""}\n`,
  );
}
