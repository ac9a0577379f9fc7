import { mermaid } from "../../../shared/topology/mermaid";
import { type Topology, type TopologyNode, topologyOf } from "../../../shared/topology/topology";
import type { Change } from "./plan";

/** The most nodes in a drawing, not counting their parents; more are not legible in a comment. */
const MAX_NODES = 60;

/** The topology as a Mermaid flowchart; `undefined` where there is nothing to draw. */
export function topology(changes: readonly Change[]): { readonly mermaid: string; readonly left: number } | undefined {
  const steps = changes.map(({ urn, action, before, after }) => ({ op: action, urn, oldState: before, newState: after }));
  const all = topologyOf([], steps);
  if (all.nodes.length === 0) return undefined;
  const part = mostRelevant(all);
  return { mermaid: mermaid(part), left: all.nodes.length - part.nodes.length };
}

/** The nodes that change, then their neighbors, then others; and the parents of all these, which a drawing needs. */
function mostRelevant({ nodes, edges }: Topology): Topology {
  const changing = new Set(nodes.filter(({ change }) => change !== undefined).map(({ id }) => id));
  const around = new Set(edges.filter(({ from, to }) => changing.has(from) || changing.has(to)).flatMap(({ from, to }) => [from, to]));
  const rank = ({ id }: TopologyNode) => (changing.has(id) ? 0 : around.has(id) ? 1 : 2);
  const shown = new Set(
    [...nodes]
      .sort((a, b) => rank(a) - rank(b))
      .map(({ id }) => id)
      .slice(0, MAX_NODES),
  );
  for (const relation of ["includes", "holds"]) {
    for (const edge of edges) if (edge.relation === relation && shown.has(edge.to)) shown.add(edge.from);
  }
  return { nodes: nodes.filter(({ id }) => shown.has(id)), edges: edges.filter(({ from, to }) => shown.has(from) && shown.has(to)) };
}
