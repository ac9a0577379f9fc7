import { detailOf, titleOf } from "./text";
import { type Change, type Topology, type TopologyNode, within } from "./topology";

const colors: Readonly<Record<Change, string>> = { create: "#1a7f37", update: "#0969da", replace: "#9a6700", delete: "#cf222e" };

/** The topology in the language of Graphviz: services are clusters, numbers lie to the left. */
export function dot(topology: Topology): string {
  const declared = (node: TopologyNode) => `${quoted(node.id)} [${attributes(node)}];`;
  const lines = ["digraph topology {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];', '  graph [fontname="sans-serif"];'];
  for (const node of topology.nodes) if (node.kind === "number") lines.push(`  ${declared(node)}`);
  topology.nodes
    .filter(({ kind }) => kind === "service")
    .forEach((service, index) => {
      lines.push(`  subgraph cluster_${index} {`, `    label=${label(service)};`);
      if (service.change) lines.push(`    color="${colors[service.change]}";`);
      lines.push(...within(topology, service).map((node) => `    ${declared(node)}`), "  }");
    });
  for (const { from, to, relation } of topology.edges) if (relation !== "holds") lines.push(`  ${quoted(from)} -> ${quoted(to)};`);
  return `${lines.join("\n")}\n}\n`;
}

function attributes(node: TopologyNode): string {
  const styles = [node.kind === "participant" ? "rounded" : "solid", ...(node.outside || node.change === "delete" ? ["dashed"] : [])];
  const color = node.change ? `, color="${colors[node.change]}"` : "";
  return `label=${label(node)}, style="${styles.join(",")}"${color}`;
}

const label = (node: TopologyNode): string => quoted([titleOf(node), detailOf(node)].filter((line) => line !== "").join("\n"));

/** A backslash begins an escape, which labels alone know; a line break is written as one. */
const quoted = (text: string): string =>
  `"${text
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/\r?\n|\r/g, "\\n")}"`;
