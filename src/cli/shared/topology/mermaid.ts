import { detailOf, isLine, titleOf } from "./text";
import { type Change, membersOf, placementOf, type Topology, type TopologyNode } from "./topology";

/** Colors that differ on a light and on a dark page; the text on them is dark. */
const fills: Readonly<Record<Change, string>> = {
  create: "fill:#aceebb,stroke:#1a7f37,color:#1f2328",
  update: "fill:#b6e3ff,stroke:#0969da,color:#1f2328",
  replace: "fill:#fae17d,stroke:#9a6700,color:#1f2328",
  delete: "fill:#ffcecb,stroke:#cf222e,color:#1f2328,stroke-dasharray:4 3",
};

/** The topology as a Mermaid flowchart, which GitHub and GitLab draw in Markdown: services are boxes, numbers are on the left. */
export function mermaid(topology: Topology): string {
  const ids = new Map(topology.nodes.map(({ id }, index) => [id, `n${index}`]));
  const id = (node: string) => ids.get(node) as string;
  const declared = (node: TopologyNode) => `${id(node.id)}${shape(node)}${node.change ? `:::${node.change}` : ""}`;
  const lines: string[] = ["flowchart LR"];
  const { numbers, groups, others } = placementOf(topology);
  for (const node of [...numbers, ...others]) lines.push(`  ${declared(node)}`);
  for (const group of groups) {
    lines.push(`  subgraph ${id(group.id)}["${label(group)}"]`);
    lines.push(...membersOf(topology, group).map((node) => `    ${declared(node)}`));
    lines.push("  end");
    if (group.change) lines.push(`  class ${id(group.id)} ${group.change}`);
  }
  for (const { from, to, relation } of topology.edges) if (isLine(relation)) lines.push(`  ${id(from)} --> ${id(to)}`);
  const used = new Set(topology.nodes.map(({ change }) => change));
  for (const [change, fill] of Object.entries(fills)) if (used.has(change as Change)) lines.push(`  classDef ${change} ${fill}`);
  return `${lines.join("\n")}\n`;
}

const shape = (node: TopologyNode): string => {
  const text = `"${label(node)}"`;
  if (node.kind === "number") return `[[${text}]]`;
  return node.kind === "participant" ? `(${text})` : `[${text}]`;
};

const label = (node: TopologyNode): string =>
  [titleOf(node), detailOf(node)]
    .filter((line) => line !== "")
    .map(escaped)
    .join("<br>");

/** Writes everything but letters, digits and a few harmless characters as Mermaid entities, so that a name cannot end the label, be markup or mention anybody. */
const escaped = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N} .,:+()/_·~±−…-]/gu, (sign) => `#${sign.codePointAt(0)};`);
