import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command, Option } from "commander";
import { note, print } from "../../shared/output";
import type { DeployedResource, Topology } from "../../shared/topology/topology";
import { counted } from "../../shared/words";

/** How many kinds beside the main ones the caption counts one by one. */
const MAX_KINDS = 3;

const formats = ["svg", "mermaid", "dot", "json"] as const;

interface GraphOptions {
  format: (typeof formats)[number];
  out?: string;
  preview?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations graph`: draws the resources of a stack. */
export function graphCommand(): Command {
  return new Command("graph")
    .description("Draw the numbers, services, conversations and participants of a stack, and who can reach whom.")
    .addOption(new Option("--format <format>", "the output format").choices(formats).default("mermaid"))
    .option("--out <file>", "write to this file (default: standard output)")
    .option("--preview <file>", "mark what an update would change, from the output of `pulumi preview --json`; - reads standard input")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "the same as --format json")
    .addHelpText(
      "after",
      `
The graph comes from the stack's state; nothing is read from Twilio.

Examples:
  $ twilio-conversations graph --format svg --out topology.svg
  $ pulumi preview --json | twilio-conversations graph --preview - --format svg --out planned.svg
  $ twilio-conversations graph --stack prod --format dot | dot -Tpdf > topology.pdf
  $ twilio-conversations graph --json | jq '.nodes[] | select(.kind == "participant")'`,
    )
    .action(draw);
}

async function draw({ format, out, preview, stack, json }: GraphOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const { topologyOf } = await import("../../shared/topology/topology");
  const steps = preview === undefined ? undefined : await stepsIn(preview);
  const { name, resources } = await stateOf(stack, steps !== undefined);
  const drawn = await drawnAs(json ? "json" : format, topologyOf(resources, steps), name);
  if (out === undefined) print(drawn);
  else await writeFile(out, drawn);
}

async function drawnAs(format: GraphOptions["format"], topology: Topology, stack: string | undefined): Promise<string> {
  if (format === "json") return `${JSON.stringify({ ...(stack === undefined ? {} : { stack }), ...topology })}\n`;
  if (format === "mermaid") return (await import("../../shared/topology/mermaid")).mermaid(topology);
  if (format === "dot") return (await import("./dot")).dot(topology);
  return (await import("./svg")).svg(topology, caption(topology, stack));
}

const mainKinds = ["number", "service", "conversation", "participant"];

/** The stack's name, and how many objects of each kind there are; the main kinds are counted even where there is none. */
function caption({ nodes }: Topology, stack: string | undefined): string {
  const count = (kind: string) => counted(nodes.filter((node) => node.kind === kind).length, kind);
  const others = [...new Set(nodes.map(({ kind }) => kind))].filter((kind) => !mainKinds.includes(kind));
  const rest = nodes.filter(({ kind }) => others.includes(kind)).length;
  // One line has room for a few kinds.
  const counts = [...mainKinds.map(count), ...(others.length > MAX_KINDS ? [`${rest} others`] : others.map(count))];
  return `${stack === undefined ? "" : `${stack}: `}${counts.join(", ")}`;
}

async function stepsIn(file: string) {
  const { readDigest } = await import("../../shared/digest");
  const given = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  const digest = readDigest(given);
  if (digest?.changeSummary) return digest.steps;
  const why = digest ? "is the output of a preview that failed" : "is not what `pulumi preview --json` prints";
  throw new Error(`${file === "-" ? "standard input" : file} ${why}: run the preview again; it prints its errors.`);
}

/** The resources in the stack's state. With a preview, which contains the new resources, the stack need not exist. */
async function stateOf(stack: string | undefined, optional: boolean): Promise<{ name?: string; resources: DeployedResource[] }> {
  const [{ nameOfStack, pulumi, errorTextOf, withoutStack }, { resourcesWithItems }] = await Promise.all([
    import("../../shared/engine"),
    import("../../shared/items"),
  ]);
  const run = await pulumi(["stack", "export"], { stack });
  const why = withoutStack(run);
  if (why !== undefined && optional && stack === undefined) {
    note(`note: the graph shows only what the preview changes, because there is no stack to read (${why}).`);
    return { resources: [] };
  }
  if (why !== undefined || run === undefined) throw new Error(`there is no stack to draw: ${why}.`);
  if (run.code !== 0)
    throw new Error(`${stack === undefined ? "the selected stack" : `the stack ${stack}`} cannot be read: ${errorTextOf(run)}`);
  const { deployment } = JSON.parse(run.stdout) as { deployment: { resources?: DeployedResource[] } };
  return { name: await nameOfStack(stack), resources: resourcesWithItems(deployment.resources ?? []) };
}
