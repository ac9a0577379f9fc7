import { mermaid } from "../../../shared/topology/mermaid";
import { type Topology, type TopologyNode, topologyOf } from "../../../shared/topology/topology";
import type { Change } from "./plan";

/** How many things a drawing has, beside what holds them; more are not legible in a comment. */
const MOST = 60;

/** Numbers, services, conversations and participants, and who is in what, as a Mermaid flowchart; `undefined` where there is nothing. */
export function topology(changes: readonly Change[]): { readonly mermaid: string; readonly left: number } | undefined {
  const steps = changes.map(({ urn, action, before, after }) => ({ op: action, urn, oldState: before, newState: after }));
  const whole = topologyOf([], steps);
  if (whole.nodes.length === 0) return undefined;
  const part = mostTelling(whole);
  return { mermaid: mermaid(part), left: whole.nodes.length - part.nodes.length };
}

/** What changes first, then what surrounds it; and what holds any of it, without which it could not be drawn. */
function mostTelling({ nodes, edges }: Topology): Topology {
  const changing = new Set(nodes.filter(({ change }) => change !== undefined).map(({ id }) => id));
  const around = new Set(edges.filter(({ from, to }) => changing.has(from) || changing.has(to)).flatMap(({ from, to }) => [from, to]));
  const rank = ({ id }: TopologyNode) => (changing.has(id) ? 0 : around.has(id) ? 1 : 2);
  const shown = new Set(
    [...nodes]
      .sort((a, b) => rank(a) - rank(b))
      .map(({ id }) => id)
      .slice(0, MOST),
  );
  for (const relation of ["includes", "holds"]) {
    for (const edge of edges) if (edge.relation === relation && shown.has(edge.to)) shown.add(edge.from);
  }
  return { nodes: nodes.filter(({ id }) => shown.has(id)), edges: edges.filter(({ from, to }) => shown.has(from) && shown.has(to)) };
}
