/** Font sizes, in pixels. The font is monospaced, so that the width of a text is known wherever it is drawn. */
export const TITLE_SIZE = 12;
export const DETAIL_SIZE = 10;

// The width of a character in the widest of the common monospaced fonts, relative to the font size.
const CHARACTER_WIDTH = 0.62;

const segmenter = new Intl.Segmenter();

function* graphemes(text: string): Generator<string> {
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** How many columns of a monospaced font a character takes: two where another font has to be used. */
const columnsOf = (character: string): number => (/^[\u0020-\u024f\u2010-\u2027\u2212·±]$/.test(character) ? 1 : 2);

/** The width of a text, in pixels. */
export const textWidth = (text: string, size: number): number =>
  [...graphemes(text)].reduce((sum, character) => sum + columnsOf(character), 0) * CHARACTER_WIDTH * size;

/** As much of a text as fits into `width` pixels, on one line. */
export function fitted(text: string, size: number, width: number): string {
  const line = text.replace(/\s+/g, " ");
  if (textWidth(line, size) <= width) return line;
  let [kept, used] = ["", CHARACTER_WIDTH * size];
  for (const character of graphemes(line)) {
    used += columnsOf(character) * CHARACTER_WIDTH * size;
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}
