import type { Page } from "playwright-core";

/** Runs in the page. Returns the visible texts whose contrast with their background is below WCAG AA, each with its ratio. */
const script = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  // The canvas converts any color notation to bytes.
  const bytes = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = bytes(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const low = [];
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (text === "" || !element.checkVisibility()) continue;
    const [a, b] = [luminance(bytes(getComputedStyle(element).color)), luminance(background(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(ratio.toFixed(2) + " " + text);
  }
  return low;
})()`;

/** Lists the texts of a page whose contrast is too low. */
export const lowContrast = (page: Page): Promise<string[]> => page.evaluate<string[]>(script);
