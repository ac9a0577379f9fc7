/** The code in README.md and docs: what their readers copy. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** A code block of a page. */
export interface Block {
  readonly file: string;
  /** The heading that it is under. */
  readonly heading: string;
  /** `sh`, `console`, `ts`, `yaml`, or nothing. */
  readonly language: string;
  readonly text: string;
}

/** A page: its code blocks, and its text without them. */
export interface Page {
  readonly file: string;
  readonly blocks: readonly Block[];
  readonly prose: string;
}

const pagesIn = async (folder: string) =>
  (await readdir(join(root, folder))).filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`);

/** The README, every page in docs and docs/reference, and the README of the template. */
export async function docPages(): Promise<Page[]> {
  const names = [...(await pagesIn("docs")), ...(await pagesIn("docs/reference"))];
  return Promise.all(
    ["README.md", "templates/twilio-chat/README.md", ...names].map(async (file) => read(file, await readFile(join(root, file), "utf8"))),
  );
}

function read(file: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let heading = "";
  let open: { indent: string; language: string; lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const fence = /^( *)```(\w*)/.exec(line);
    if (fence && open === undefined) {
      open = { indent: fence[1] as string, language: fence[2] as string, lines: [] };
    } else if (fence && open) {
      blocks.push({ file, heading, language: open.language, text: open.lines.join("\n") });
      open = undefined;
    } else if (open) {
      open.lines.push(line.slice(open.indent.length));
    } else {
      heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
      prose.push(line);
    }
  }
  return { file, blocks, prose: prose.join("\n") };
}

/** The commands of a block, without comments. In a console block, the lines after a prompt. */
export function commandsIn({ language, text }: Block): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const typed = language === "console" ? lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2)) : lines;
  return typed.map((line) => line.replace(/\s+#.*/, "").trim());
}
