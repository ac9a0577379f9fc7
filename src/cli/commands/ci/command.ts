import { Command } from "commander";
import { note, print } from "../../shared/output";
import { issueCommand } from "./issue/command";

interface CommentOptions {
  preview?: string[];
  policy?: string[];
  policiesUnchecked?: string;
  drift?: string[];
  dryRun?: true;
  json?: true;
}

/** `twilio-conversations ci`: commands for pipelines. */
export function ciCommand(): Command {
  return new Command("ci").description("Commands for pipelines.").addCommand(commentCommand()).addCommand(issueCommand());
}

/** Collects the values of an option that may be repeated. */
const collect = (value: string, before: string[] = []): string[] => [...before, value];

function commentCommand(): Command {
  return new Command("comment")
    .description("Comment on the pull request what an update would change: one comment for each stack, updated in place.")
    .option("--preview <file[=stack]>", "the output of `pulumi preview --json`; may be repeated (default: standard input)", collect)
    .option("--policy <file[=stack]>", "the event log (--event-log) of a preview with a policy pack; may be repeated", collect)
    .option("--policies-unchecked <reason>", "say in the comment that the policies were not checked, because of this reason")
    .option("--drift <file>", "the output of `twilio-conversations drift --json`; may be repeated", collect)
    .option("--dry-run", "print the comments instead of sending them")
    .option("--json", "print the result of each comment as one JSON object")
    .addHelpText(
      "after",
      `
The pipeline's variables identify GitHub, GitLab or Bitbucket. The token comes from GITHUB_TOKEN, GITLAB_TOKEN or BITBUCKET_TOKEN.
Without a token, or on a pull request from a fork, the comments go to the run's summary, or else to standard output.

Examples:
  $ pulumi preview --json --show-sames | twilio-conversations ci comment --dry-run
  $ twilio-conversations ci comment --preview staging.json --preview prod.json --drift drift.json
  $ PULUMI_DEBUG_COMMANDS=true pulumi preview --json --show-sames --policy-pack policy --event-log events.json > preview.json
  $ twilio-conversations ci comment --preview preview.json --policy events.json`,
    )
    .action(run);
}

async function run({ preview = [], policy = [], policiesUnchecked, drift = [], dryRun, json }: CommentOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ gather }, { publish }] = await Promise.all([import("./comment/gather"), import("./comment/publish")]);
  const results = await publish(await gather({ preview, policy, drift, uncheckedPolicies: policiesUnchecked }), {
    env: process.env,
    dryRun: dryRun === true,
  });
  for (const { stack, became, why } of results)
    if (why !== undefined) note(`note: no comment for ${stack}: ${why}. The comment is ${places[became]}.`);
  const printed = results.filter(({ became }) => became === "printed").map(({ body }) => body);
  if (json) print(`${JSON.stringify({ comments: results })}\n`);
  else if (printed.length > 0) print(`${printed.join("\n")}\n`);
  else
    for (const { stack, became, forge } of results)
      print(`${stack}: ${became === "summarized" ? "in the run's summary" : `comment on ${forge} ${became}`}\n`);
}

const places: Readonly<Record<string, string>> = { summarized: "in the run's summary", printed: "on standard output" };
