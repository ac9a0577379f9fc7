import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command, Option } from "commander";
import type { DeployedResource, Topology } from "./graph/topology";
import { note } from "./output";

const formats = ["svg", "mermaid", "dot", "json"] as const;

interface GraphOptions {
  format: (typeof formats)[number];
  out?: string;
  preview?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations graph`: draws the stack's numbers, services, conversations and participants. */
export function graphCommand(): Command {
  return new Command("graph")
    .description("Draw a stack's numbers, services, conversations and participants, and who can reach whom.")
    .addOption(new Option("--format <format>", "what to draw it as").choices(formats).default("mermaid"))
    .option("--out <file>", "write it there (default: to standard output)")
    .option("--preview <file>", "show what an update would change: what `pulumi preview --json` printed; - reads it from standard input")
    .option("--stack <stack>", "the stack of the project in this folder (default: the one that is selected)")
    .option("--json", "the same as --format json")
    .addHelpText(
      "after",
      `
It is drawn from the stack's state; Twilio is not asked.

Examples:
  $ twilio-conversations graph --format svg --out topology.svg
  $ pulumi preview --json | twilio-conversations graph --preview - --format svg --out planned.svg
  $ twilio-conversations graph --stack prod --format dot | dot -Tpdf > topology.pdf
  $ twilio-conversations graph --json | jq '.nodes[] | select(.kind == "participant")'`,
    )
    .action(draw);
}

async function draw({ format, out, preview, stack, json }: GraphOptions): Promise<void> {
  // Loaded here, so that --help and mistyped commands answer at once.
  const { topologyOf } = await import("./graph/topology");
  const steps = preview === undefined ? undefined : await stepsIn(preview);
  const { name, resources } = await stateOf(stack, steps !== undefined);
  const drawn = await drawnAs(json ? "json" : format, topologyOf(resources, steps), name);
  if (out === undefined) process.stdout.write(drawn);
  else await writeFile(out, drawn);
}

async function drawnAs(format: GraphOptions["format"], topology: Topology, stack: string | undefined): Promise<string> {
  if (format === "json") return `${JSON.stringify({ ...(stack === undefined ? {} : { stack }), ...topology })}\n`;
  if (format === "mermaid") return (await import("./graph/mermaid")).mermaid(topology);
  if (format === "dot") return (await import("./graph/dot")).dot(topology);
  return (await import("./graph/svg")).svg(topology, caption(topology, stack));
}

function caption({ nodes }: Topology, stack: string | undefined): string {
  const counts = (["number", "service", "conversation", "participant"] as const).map((kind) => {
    const count = nodes.filter((node) => node.kind === kind).length;
    return `${count} ${kind}${count === 1 ? "" : "s"}`;
  });
  return `${stack === undefined ? "" : `${stack}: `}${counts.join(", ")}`;
}

async function stepsIn(file: string) {
  const { readDigest } = await import("./engine");
  const given = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  const digest = readDigest(given);
  if (digest?.changeSummary) return digest.steps;
  const why = digest ? "is of a preview that failed" : "is not what `pulumi preview --json` prints";
  throw new Error(`${file === "-" ? "standard input" : file} ${why}: run the preview again, its errors are in what it says.`);
}

/** The resources in the stack's state. A preview shows by itself what is new, so a stack need not be there then. */
async function stateOf(stack: string | undefined, optional: boolean): Promise<{ name?: string; resources: DeployedResource[] }> {
  const { nameOfStack, pulumi, saidBy, withoutStack } = await import("./engine");
  const run = await pulumi(["stack", "export"], { stack });
  const why = withoutStack(run);
  if (why !== undefined && optional && stack === undefined) {
    note(`note: only what the preview changes is drawn, since no stack was asked (${why}).`);
    return { resources: [] };
  }
  if (why !== undefined || run === undefined) throw new Error(`there is no stack to draw: ${why}.`);
  if (run.code !== 0) throw new Error(`the stack ${stack ?? "that is selected"} cannot be read: ${saidBy(run)}`);
  const { deployment } = JSON.parse(run.stdout) as { deployment: { resources?: DeployedResource[] } };
  return { name: await nameOfStack(stack), resources: deployment.resources ?? [] };
}
