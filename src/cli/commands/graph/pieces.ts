/** A part of the layout that can be moved as a whole. */
export interface Piece {
  readonly width: number;
  readonly height: number;
  readonly draw: (x: number, y: number) => void;
}

/** The space between two pieces, in pixels. */
export const GAP = 10;
/** The preferred ratio of width to height. */
const ASPECT = 1.5;

/** Pieces below one another. */
export const column = (pieces: readonly Piece[]): Piece => flow(pieces, Number.POSITIVE_INFINITY);

/** Pieces below one another, in a new column after each `height` pixels. */
export function flow(pieces: readonly Piece[], height: number): Piece {
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

/** Pieces in as many columns as bring the whole closest to the shape of a page. */
export function balanced(pieces: readonly Piece[]): Piece {
  const total = pieces.reduce((sum, { height }) => sum + height + GAP, 0);
  const tallest = Math.max(0, ...pieces.map(({ height }) => height));
  let best = column(pieces);
  // A square has this many columns; tall pieces may need a few more.
  for (let columns = 2; columns <= Math.min(pieces.length, 4 + 2 * Math.ceil(Math.sqrt(pieces.length))); columns++) {
    const next = flow(pieces, Math.max(tallest, total / columns));
    if (distance(next) < distance(best)) best = next;
  }
  return best;
}

const distance = ({ width, height }: Piece): number => Math.abs(Math.log(width / Math.max(1, height) / ASPECT));
