import { detailOf, titleOf } from "../../shared/topology/text";
import { placementOf, type Topology, type TopologyEdge, type TopologyNode } from "../../shared/topology/topology";
import { balanced, column, flow, GAP, type Piece } from "./pieces";
import { DETAIL_SIZE, fitted, TITLE_SIZE, textWidth } from "./text-width";

/** A rectangle, in pixels from the top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A node's place. `title` and `detail` are cut to the card's width. */
export interface Card extends Box {
  readonly node: TopologyNode;
  readonly title: string;
  readonly detail: string;
  /** The whole detail. */
  readonly fullDetail: string;
}

/** A group of cards; without a node, for objects that are in no service. */
export interface Group extends Box {
  readonly node?: TopologyNode;
  readonly title: string;
}

/** A line from the right side of one card to the left side of another. */
export interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** The place of everything. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly Group[];
  readonly cards: readonly Card[];
  /** Around many participants of one conversation, with one line to all of them. */
  readonly frames: readonly Box[];
  readonly lines: readonly Line[];
}

const PADDING = 10;
const LINE_WIDTH = 44;
const CARD_HEIGHT = 42;
const HEADER_HEIGHT = 34;
const MIN_WIDTH = 120;
const MAX_WIDTH = 250;
/** The most cards below one another with a line to each. More go into a frame with several columns. */
const MAX_IN_COLUMN = 10;

/**
 * Lays out the topology from left to right: numbers, conversations, participants. A number appears at each conversation that it reaches, so that
 * no lines cross. Conversations are grouped by service. Long lists flow into columns, so that the picture keeps roughly the shape of a page.
 */
export function layOut(topology: Topology): Layout {
  return new LayoutBuilder(topology).layout();
}

class LayoutBuilder {
  readonly #groups: Group[] = [];
  readonly #cards: Card[] = [];
  readonly #frames: Box[] = [];
  readonly #lines: Line[] = [];
  readonly #targets: ReadonlyMap<string, readonly TopologyNode[]>;
  readonly #sources: ReadonlyMap<string, readonly TopologyNode[]>;
  readonly #widths = new Map<string, number>();
  /** The nodes in no group. */
  readonly #loose: ReadonlySet<string>;

  constructor(readonly topology: Topology) {
    const { nodes, edges } = topology;
    const byId = new Map(nodes.map((node) => [node.id, node]));
    this.#targets = grouped(edges.map(({ from, to, relation }) => [`${relation} ${from}`, byId.get(to) as TopologyNode]));
    this.#sources = grouped(edges.map(({ from, to, relation }) => [`${relation} ${to}`, byId.get(from) as TopologyNode]));
    this.#loose = new Set(placementOf(topology).others.map(({ id }) => id));
  }

  layout(): Layout {
    const { numbers, groups, others } = placementOf(this.topology);
    const inGroup = new Set(groups.flatMap(({ id }) => this.#from(id, "holds")).map(({ id }) => id));
    const idle = numbers.filter(({ id }) => !this.#from(id, "reaches").some((target) => inGroup.has(target.id)));
    const all = balanced([
      ...groups.map((node) => this.#nodeGroup(node)),
      ...this.#looseGroup(idle, "Numbers of no conversation"),
      ...this.#looseGroup(others, "Others in the account"),
    ]);
    all.draw(0, 0);
    return {
      width: all.width,
      height: all.height,
      groups: this.#groups,
      cards: this.#cards,
      frames: this.#frames,
      lines: this.#lines,
    };
  }

  #from(id: string, relation: TopologyEdge["relation"]): readonly TopologyNode[] {
    return this.#targets.get(`${relation} ${id}`) ?? [];
  }

  #to(id: string, relation: TopologyEdge["relation"]): readonly TopologyNode[] {
    return this.#sources.get(`${relation} ${id}`) ?? [];
  }

  #nodeGroup(node: TopologyNode): Piece {
    const members = this.#from(node.id, "holds");
    const withNumbers = members.some(({ id }) => this.#to(id, "reaches").length > 0);
    const title = [titleOf(node), detailOf(node)].filter((part) => part !== "").join(" · ");
    return this.#group(balanced(members.map((member) => this.#memberPiece(member, withNumbers))), title, node);
  }

  #looseGroup(nodes: readonly TopologyNode[], title: string): Piece[] {
    return nodes.length > 0 ? [this.#group(balanced(nodes.map((node) => this.#card(node))), title)] : [];
  }

  /** All cards of one kind have the same width. */
  #widthOf(kind: string): number {
    const known = this.#widths.get(kind);
    if (known !== undefined) return known;
    const nodes = this.topology.nodes.filter((node) => node.kind === kind);
    const texts = nodes.map((node) => Math.max(textWidth(titleOf(node), TITLE_SIZE), textWidth(this.#detailOf(node), DETAIL_SIZE)));
    const width = Math.ceil(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, ...texts.map((text) => text + 2 * PADDING))));
    this.#widths.set(kind, width);
    return width;
  }

  /** The second line of a card, which also names what the node reaches without a line: objects in no group. */
  #detailOf(node: TopologyNode): string {
    const reached = this.#from(node.id, "reaches").filter(({ id }) => this.#loose.has(id));
    return [detailOf(node), ...reached.map(({ kind, title }) => `${kind} ${title}`)].filter((part) => part !== "").join(" · ");
  }

  #card(node: TopologyNode): Piece {
    const width = this.#widthOf(node.kind);
    const inside = width - 2 * PADDING;
    const fullDetail = this.#detailOf(node);
    const texts = { title: fitted(titleOf(node), TITLE_SIZE, inside), detail: fitted(fullDetail, DETAIL_SIZE, inside), fullDetail };
    const draw = (x: number, y: number) => void this.#cards.push({ node, x, y, width, height: CARD_HEIGHT, ...texts });
    return { width, height: CARD_HEIGHT, draw };
  }

  /** The cards on one side of a conversation, and the heights at which lines meet them. */
  #side(members: readonly TopologyNode[]): Piece & { readonly joints: readonly number[] } {
    const pieces = members.map((member) => this.#card(member));
    if (members.length <= MAX_IN_COLUMN) {
      const joints = members.map((_, index) => index * (CARD_HEIGHT + GAP) + CARD_HEIGHT / 2);
      return { ...column(pieces), joints };
    }
    const inner = flow(pieces, MAX_IN_COLUMN * (CARD_HEIGHT + GAP));
    const [width, height] = [inner.width + 2 * PADDING, inner.height + 2 * PADDING];
    const draw = (x: number, y: number) => {
      this.#frames.push({ x, y, width, height });
      inner.draw(x + PADDING, y + PADDING);
    };
    return { width, height, draw, joints: [height / 2] };
  }

  /** One member of a service, such as a conversation, between its numbers and its participants. */
  #memberPiece(member: TopologyNode, withNumbers: boolean): Piece {
    const left = this.#side(this.#to(member.id, "reaches"));
    const middle = this.#card(member);
    const right = this.#side(this.#from(member.id, "includes"));
    // The conversations of a service are aligned, whether or not they have a number.
    const leftWidth = withNumbers ? Math.max(left.width, this.#widthOf("number")) + LINE_WIDTH : 0;
    const height = Math.max(left.height, middle.height, right.height);
    const width = leftWidth + middle.width + (right.width > 0 ? LINE_WIDTH + right.width : 0);
    const offset = (piece: Piece) => (height - piece.height) / 2;
    const draw = (x: number, y: number) => {
      const [from, to, center] = [x + leftWidth, x + leftWidth + middle.width, y + height / 2];
      left.draw(from - LINE_WIDTH - left.width, y + offset(left));
      middle.draw(from, y + offset(middle));
      right.draw(to + LINE_WIDTH, y + offset(right));
      for (const joint of left.joints) this.#lines.push({ x1: from - LINE_WIDTH, y1: y + offset(left) + joint, x2: from, y2: center });
      for (const joint of right.joints) this.#lines.push({ x1: to, y1: center, x2: to + LINE_WIDTH, y2: y + offset(right) + joint });
    };
    return { width, height, draw };
  }

  #group(inner: Piece, text: string, node?: TopologyNode): Piece {
    const width = Math.max(inner.width, Math.min(MAX_WIDTH, textWidth(text, TITLE_SIZE))) + 2 * PADDING;
    const height = HEADER_HEIGHT + (inner.height > 0 ? inner.height + PADDING : 0);
    const title = fitted(text, TITLE_SIZE, width - 2 * PADDING);
    const draw = (x: number, y: number) => {
      this.#groups.push({ x, y, width, height, title, ...(node ? { node } : {}) });
      inner.draw(x + PADDING, y + HEADER_HEIGHT);
    };
    return { width, height, draw };
  }
}

function grouped(entries: readonly (readonly [string, TopologyNode])[]): Map<string, TopologyNode[]> {
  const found = new Map<string, TopologyNode[]>();
  for (const [key, node] of entries) {
    const nodes = found.get(key);
    if (nodes) nodes.push(node);
    else found.set(key, [node]);
  }
  return found;
}
