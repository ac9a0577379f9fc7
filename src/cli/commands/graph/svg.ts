import { changes, detailOf, titleOf } from "../../shared/topology/text";
import type { Change, Topology, TopologyNode } from "../../shared/topology/topology";
import { type Box, type Card, type Layout, type Line, layOut } from "./layout";
import { DETAIL_SIZE, TITLE_SIZE } from "./text-width";

const MARGIN = 16;
const HEAD = 30;
const LEGEND = 28;

/** Light or dark, as the reader's system is. All text has a contrast of at least 4.5 (WCAG AA). */
const style = `
.topology { --page: #ffffff; --group: #f6f8fa; --card: #ffffff; --line: #8c959f; --text: #1f2328; --dim: #59636e;
  --create: #1a7f37; --update: #0969da; --replace: #9a6700; --delete: #cf222e; }
@media (prefers-color-scheme: dark) {
  .topology { --page: #0d1117; --group: #151b23; --card: #0d1117; --line: #656c76; --text: #f0f6fc; --dim: #9198a1;
    --create: #3fb950; --update: #4493f8; --replace: #d29922; --delete: #f85149; }
}
.topology text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--text); }
.topology .title { font-size: ${TITLE_SIZE}px; }
.topology .detail { font-size: ${DETAIL_SIZE}px; fill: var(--dim); }
.topology .page { fill: var(--page); }
.topology .group { fill: var(--group); stroke: var(--line); }
.topology .card { fill: var(--card); stroke: var(--line); }
.topology .frame { fill: none; stroke: var(--line); stroke-dasharray: 2 3; }
.topology .line { fill: none; stroke: var(--line); }
.topology .outside { stroke-dasharray: 4 3; }
${(Object.keys(changes) as Change[])
  .map(
    (change) =>
      `.topology .${change} { stroke: var(--${change}); stroke-width: 2; }\n.topology .title.${change} { fill: var(--${change}); stroke: none; }`,
  )
  .join("\n")}
.topology rect.delete { stroke-dasharray: 4 3; }
`;

/** The topology as a self-contained picture: no fonts, scripts or links. */
export function svg(topology: Topology, caption: string): string {
  const layout = layOut(topology);
  const used = (Object.keys(changes) as Change[]).filter((change) => topology.nodes.some((node) => node.change === change));
  const legend = legendOf(used, MARGIN, HEAD + layout.height + MARGIN + LEGEND / 2);
  const width = Math.ceil(Math.max(layout.width, legend.width, caption.length * 8) + 2 * MARGIN);
  const height = Math.ceil(HEAD + layout.height + MARGIN + (used.length > 0 ? LEGEND : 0));
  return `<svg xmlns="http://www.w3.org/2000/svg" class="topology" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>${escaped(caption)}</title>
<style>${style}</style>
<rect class="page" width="100%" height="100%"/>
${text(caption, MARGIN, 20, "title")}
<g transform="translate(${MARGIN} ${HEAD})">
${drawn(layout)}
</g>
${legend.text}</svg>
`;
}

function drawn({ groups, cards, frames, lines }: Layout): string {
  const parts = [
    ...groups.map(({ node, title, ...box }) =>
      labeled(node, rect(box, classes("group", node)) + text(title, box.x + 10, box.y + 21, classes("title", node))),
    ),
    ...frames.map((box) => rect(box, "frame")),
    ...lines.map(curve),
    ...cards.map(cardDrawn),
  ];
  return parts.join("\n");
}

function cardDrawn({ node, title, detail, fullDetail, ...box }: Card): string {
  const round = node.kind === "participant" ? 20 : node.kind === "number" ? 0 : 6;
  const x = box.x + 10;
  const texts = text(title, x, box.y + 18, classes("title", node)) + text(detail, x, box.y + 33, "detail");
  return labeled(node, rect(box, classes("card", node), round) + texts, fullDetail);
}

/** Adds the full text, for tooltips and screen readers. */
const labeled = (node: TopologyNode | undefined, inner: string, detail = node ? detailOf(node) : ""): string =>
  node ? `<g><title>${escaped([node.kind, titleOf(node), detail].join(" · "))}</title>${inner}</g>` : `<g>${inner}</g>`;

const classes = (name: string, node: TopologyNode | undefined): string =>
  [name, node?.change, node?.outside ? "outside" : undefined].filter((part) => part !== undefined).join(" ");

const rect = ({ x, y, width, height }: Box, name: string, round = 6): string =>
  `<rect class="${name}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>`;

const text = (content: string, x: number, y: number, name: string): string =>
  content === "" ? "" : `<text class="${name}" x="${x}" y="${y}">${escaped(content)}</text>`;

const curve = ({ x1, y1, x2, y2 }: Line): string => {
  const middle = (x1 + x2) / 2;
  return `<path class="line" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
};

function legendOf(used: readonly Change[], left: number, y: number): { text: string; width: number } {
  const SPACE = 110;
  const items = used.map((change, index) => {
    const { sign, word } = changes[change];
    return text(`${sign} ${word}`, left + index * SPACE, y, `title ${change}`);
  });
  return { text: items.length > 0 ? `${items.join("\n")}\n` : "", width: used.length * SPACE };
}

/** Text for XML, without the characters that XML cannot contain. */
const escaped = (given: string): string =>
  given
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, "")
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
