import { Command } from "commander";
import { note } from "../../shared/output";
import { issueCommand } from "./issue/command";

interface CommentOptions {
  preview?: string[];
  policy?: string[];
  drift?: string[];
  dryRun?: true;
  json?: true;
}

/** `twilio-conversations ci`: what pipelines run. */
export function ciCommand(): Command {
  return new Command("ci").description("What pipelines run.").addCommand(commentCommand()).addCommand(issueCommand());
}

/** An option that may be repeated. */
const each = (value: string, before: string[] = []): string[] => [...before, value];

function commentCommand(): Command {
  return new Command("comment")
    .description("Comment on the pull request what a preview would do, one comment for each stack, updated in place.")
    .option("--preview <file[=stack]>", "what `pulumi preview --json` printed; may be repeated (default: standard input)", each)
    .option(
      "--policy <file[=stack]>",
      "the engine's events of a preview with a policy pack, as --event-log writes them; may be repeated",
      each,
    )
    .option("--drift <file>", "what `twilio-conversations drift --json` printed; may be repeated", each)
    .option("--dry-run", "print the comments and send nothing")
    .option("--json", "print what became of each comment as one JSON object")
    .addHelpText(
      "after",
      `
GitHub, GitLab or Bitbucket is known by the pipeline's own variables; the token comes from GITHUB_TOKEN, GITLAB_TOKEN or BITBUCKET_TOKEN.
Without a token, or on a fork's pull request, the comments go to the run's summary, else to standard output.

Examples:
  $ pulumi preview --json --show-sames | twilio-conversations ci comment --dry-run
  $ twilio-conversations ci comment --preview staging.json --preview prod.json --drift drift.json
  $ PULUMI_DEBUG_COMMANDS=true pulumi preview --json --show-sames --policy-pack policy --event-log events.json > preview.json
  $ twilio-conversations ci comment --preview preview.json --policy events.json`,
    )
    .action(run);
}

async function run({ preview = [], policy = [], drift = [], dryRun, json }: CommentOptions): Promise<void> {
  // Loaded here, so that --help and mistyped commands answer at once.
  const [{ gather }, { publish }] = await Promise.all([import("./comment/gather"), import("./comment/publish")]);
  const results = await publish(await gather({ preview, policy, drift }), { env: process.env, dryRun: dryRun === true });
  for (const { stack, became, why } of results)
    if (why !== undefined) note(`note: no comment for ${stack}: ${why}; it is ${places[became]}.`);
  const printed = results.filter(({ became }) => became === "printed").map(({ body }) => body);
  if (json) process.stdout.write(`${JSON.stringify({ comments: results })}\n`);
  else if (printed.length > 0) process.stdout.write(`${printed.join("\n")}\n`);
  else
    for (const { stack, became, forge } of results)
      process.stdout.write(`${stack}: ${became === "summarised" ? "in the run's summary" : `comment on ${forge} ${became}`}\n`);
}

const places: Readonly<Record<string, string>> = { summarised: "in the run's summary", printed: "on standard output" };
