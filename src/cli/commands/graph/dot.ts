import { detailOf, isLine, titleOf } from "../../shared/topology/text";
import { type Change, membersOf, placementOf, type Topology, type TopologyNode } from "../../shared/topology/topology";

const colors: Readonly<Record<Change, string>> = { create: "#1a7f37", update: "#0969da", replace: "#9a6700", delete: "#cf222e" };

/** The topology in the language of Graphviz: services are clusters, numbers are on the left. */
export function dot(topology: Topology): string {
  const declared = (node: TopologyNode) => `${quoted(node.id)} [${attributes(node)}];`;
  const lines = ["digraph topology {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];', '  graph [fontname="sans-serif"];'];
  const { numbers, groups, others } = placementOf(topology);
  for (const node of [...numbers, ...others]) lines.push(`  ${declared(node)}`);
  groups.forEach((group, index) => {
    lines.push(`  subgraph cluster_${index} {`, `    label=${label(group)};`);
    if (group.change) lines.push(`    color="${colors[group.change]}";`);
    lines.push(...membersOf(topology, group).map((node) => `    ${declared(node)}`), "  }");
  });
  for (const { from, to, relation } of topology.edges) if (isLine(relation)) lines.push(`  ${quoted(from)} -> ${quoted(to)};`);
  return `${lines.join("\n")}\n}\n`;
}

function attributes(node: TopologyNode): string {
  const styles = [node.kind === "participant" ? "rounded" : "solid", ...(node.outside || node.change === "delete" ? ["dashed"] : [])];
  const color = node.change ? `, color="${colors[node.change]}"` : "";
  return `label=${label(node)}, style="${styles.join(",")}"${color}`;
}

const label = (node: TopologyNode): string => quoted([titleOf(node), detailOf(node)].filter((line) => line !== "").join("\n"));

/** A string of DOT. A backslash starts an escape sequence in labels, and a line break is one. */
const quoted = (text: string): string =>
  `"${text
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/\r?\n|\r/g, "\\n")}"`;
