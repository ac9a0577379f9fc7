import { detailOf, titleOf } from "./text";
import type { Topology, TopologyNode } from "./topology";

/** A rectangle, in pixels from the top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A node's place. What is longer than the card is cut in `title` and `detail`. */
export interface Card extends Box {
  readonly node: TopologyNode;
  readonly title: string;
  readonly detail: string;
}

/** A line from the right side of one thing to the left side of another. */
export interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Where everything is. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Services, and one for the numbers that reach no conversation, which has no node. */
  readonly groups: readonly (Box & { readonly node?: TopologyNode; readonly title: string })[];
  readonly cards: readonly Card[];
  /** Around many participants of one conversation, to whom one line leads. */
  readonly frames: readonly Box[];
  readonly lines: readonly Line[];
}

/** Sizes of the text, which is monospaced, so that its width is known wherever it is drawn. */
export const TITLE_SIZE = 12;
export const DETAIL_SIZE = 10;
// Of the widest among the common monospaced fonts.
const CELL = 0.62;

const PAD = 10;
const GAP = 10;
const SPAN = 44;
const CARD_HEIGHT = 42;
const HEAD = 34;
const NARROWEST = 120;
const WIDEST = 250;
/** So many cards stand below one another, with a line to each. More are put into a frame of several columns. */
const MOST_IN_COLUMN = 10;
/** What a picture's width is to its height, where there is a choice. */
const ASPECT = 1.5;

/** Something that has been laid out, and can be moved as a whole. */
interface Piece {
  readonly width: number;
  readonly height: number;
  readonly draw: (x: number, y: number) => void;
}

/**
 * Lays out the topology in layers from left to right: numbers, conversations, participants; a number stands at each conversation that it reaches,
 * so that no line crosses another. Conversations are grouped by service. What is many flows into columns, so that the picture stays near
 * the shape of a page.
 */
export function layOut({ nodes, edges }: Topology): Layout {
  const groups: (Box & { node?: TopologyNode; title: string })[] = [];
  const cards: Card[] = [];
  const frames: Box[] = [];
  const lines: Line[] = [];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const targets = grouped(edges.map(({ from, to, relation }) => [`${relation} ${from}`, byId.get(to) as TopologyNode]));
  const sources = grouped(edges.map(({ from, to, relation }) => [`${relation} ${to}`, byId.get(from) as TopologyNode]));
  const widths = { number: widthOf("number"), conversation: widthOf("conversation"), participant: widthOf("participant") };

  function widthOf(kind: TopologyNode["kind"]): number {
    const longest = nodes.filter((node) => node.kind === kind).map((node) => Math.max(titleWidth(node), detailWidth(node)));
    return Math.ceil(Math.min(WIDEST, Math.max(NARROWEST, ...longest.map((width) => width + 2 * PAD))));
  }

  function card(node: TopologyNode): Piece {
    const width = widths[node.kind as keyof typeof widths];
    const room = width - 2 * PAD;
    const texts = { title: fitted(titleOf(node), TITLE_SIZE, room), detail: fitted(detailOf(node), DETAIL_SIZE, room) };
    return { width, height: CARD_HEIGHT, draw: (x, y) => void cards.push({ node, x, y, width, height: CARD_HEIGHT, ...texts }) };
  }

  /** A number's or a participant's cards, and the heights at which lines meet them. */
  function stack(members: readonly TopologyNode[]): Piece & { readonly joints: readonly number[] } {
    const pieces = members.map(card);
    if (members.length <= MOST_IN_COLUMN) {
      const joints = members.map((_, index) => index * (CARD_HEIGHT + GAP) + CARD_HEIGHT / 2);
      return { ...column(pieces), joints };
    }
    const inner = flow(pieces, MOST_IN_COLUMN * (CARD_HEIGHT + GAP));
    const [width, height] = [inner.width + 2 * PAD, inner.height + 2 * PAD];
    const draw = (x: number, y: number) => {
      frames.push({ x, y, width, height });
      inner.draw(x + PAD, y + PAD);
    };
    return { width, height, draw, joints: [height / 2] };
  }

  /** One conversation between its numbers and its participants. */
  function conversationPiece(conversation: TopologyNode, withNumbers: boolean): Piece {
    const left = stack(sources.get(`reaches ${conversation.id}`) ?? []);
    const middle = card(conversation);
    const right = stack(targets.get(`includes ${conversation.id}`) ?? []);
    // Conversations of one service stand below one another, whether or not they have a number.
    const leftWidth = withNumbers ? Math.max(left.width, widths.number) + SPAN : 0;
    const height = Math.max(left.height, middle.height, right.height);
    const width = leftWidth + middle.width + (right.width > 0 ? SPAN + right.width : 0);
    const offset = (piece: Piece) => (height - piece.height) / 2;
    return {
      width,
      height,
      draw(x, y) {
        const [from, to, centre] = [x + leftWidth, x + leftWidth + middle.width, y + height / 2];
        left.draw(from - SPAN - left.width, y + offset(left));
        middle.draw(from, y + offset(middle));
        right.draw(to + SPAN, y + offset(right));
        for (const joint of left.joints) lines.push({ x1: from - SPAN, y1: y + offset(left) + joint, x2: from, y2: centre });
        for (const joint of right.joints) lines.push({ x1: to, y1: centre, x2: to + SPAN, y2: y + offset(right) + joint });
      },
    };
  }

  function group(inner: Piece, whole: string, node?: TopologyNode): Piece {
    const width = Math.max(inner.width, Math.min(WIDEST, textWidth(whole, TITLE_SIZE))) + 2 * PAD;
    const height = HEAD + (inner.height > 0 ? inner.height + PAD : 0);
    const title = fitted(whole, TITLE_SIZE, width - 2 * PAD);
    return {
      width,
      height,
      draw(x, y) {
        groups.push({ x, y, width, height, title, ...(node ? { node } : {}) });
        inner.draw(x + PAD, y + HEAD);
      },
    };
  }

  const services = nodes
    .filter(({ kind }) => kind === "service")
    .map((service) => {
      const held = targets.get(`holds ${service.id}`) ?? [];
      const withNumbers = held.some(({ id }) => sources.has(`reaches ${id}`));
      const title = [titleOf(service), detailOf(service)].filter((part) => part !== "").join(" · ");
      return group(balanced(held.map((conversation) => conversationPiece(conversation, withNumbers))), title, service);
    });
  const idle = nodes.filter(({ kind, id }) => kind === "number" && !targets.has(`reaches ${id}`));
  const all = balanced([...services, ...(idle.length > 0 ? [group(balanced(idle.map(card)), "Numbers of no conversation")] : [])]);
  all.draw(0, 0);
  return { width: all.width, height: all.height, groups, cards, frames, lines };
}

function grouped(entries: readonly (readonly [string, TopologyNode])[]): Map<string, TopologyNode[]> {
  const found = new Map<string, TopologyNode[]>();
  for (const [key, node] of entries) found.set(key, [...(found.get(key) ?? []), node]);
  return found;
}

const column = (pieces: readonly Piece[]): Piece => flow(pieces, Number.POSITIVE_INFINITY);

/** Pieces below one another, in a new column when the height is reached. */
function flow(pieces: readonly Piece[], height: number): Piece {
  const places: { piece: Piece; x: number; y: number }[] = [];
  let [x, y, columnWidth, lowest] = [0, 0, 0, 0];
  for (const piece of pieces) {
    if (y > 0 && y + piece.height > height) [x, y, columnWidth] = [x + columnWidth + 3 * GAP, 0, 0];
    places.push({ piece, x, y });
    lowest = Math.max(lowest, y + piece.height);
    y += piece.height + GAP;
    columnWidth = Math.max(columnWidth, piece.width);
  }
  const draw = (left: number, top: number) => {
    for (const { piece, x, y } of places) piece.draw(left + x, top + y);
  };
  return { width: x + columnWidth, height: lowest, draw };
}

/** Pieces in as many columns as make the whole most like a page. */
function balanced(pieces: readonly Piece[]): Piece {
  const total = pieces.reduce((sum, { height }) => sum + height + GAP, 0);
  const tallest = Math.max(0, ...pieces.map(({ height }) => height));
  let best = column(pieces);
  // As many columns as a square would have are enough, and some more for pieces that are tall.
  for (let columns = 2; columns <= Math.min(pieces.length, 4 + 2 * Math.ceil(Math.sqrt(pieces.length))); columns++) {
    const next = flow(pieces, Math.max(tallest, total / columns));
    if (distance(next) < distance(best)) best = next;
  }
  return best;
}

const distance = ({ width, height }: Piece): number => Math.abs(Math.log(width / Math.max(1, height) / ASPECT));

const titleWidth = (node: TopologyNode): number => textWidth(titleOf(node), TITLE_SIZE);
const detailWidth = (node: TopologyNode): number => textWidth(detailOf(node), DETAIL_SIZE);
const textWidth = (text: string, size: number): number => [...graphemes(text)].reduce((sum, sign) => sum + cells(sign), 0) * CELL * size;

const segmenter = new Intl.Segmenter();

function* graphemes(text: string): Generator<string> {
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** How many columns of a monospaced font a sign takes: two where another font has to stand in. */
const cells = (sign: string): number => (/^[\u0020-\u024f\u2010-\u2027\u2212·±]$/.test(sign) ? 1 : 2);

/** As much of a text as there is room for, on one line. */
function fitted(text: string, size: number, room: number): string {
  const line = text.replace(/\s+/g, " ");
  if (textWidth(line, size) <= room) return line;
  let [kept, width] = ["", CELL * size];
  for (const sign of graphemes(line)) {
    width += cells(sign) * CELL * size;
    if (width > room) break;
    kept += sign;
  }
  return `${kept}…`;
}
