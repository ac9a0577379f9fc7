/** Reads a data file: YAML, of which JSON is a part. */
import { readFileSync } from "node:fs";
import { type Document, readDocument } from "./document";

/** Reads and checks a file. Each problem has its line. */
export async function readFile(path: string): Promise<Document> {
  const { LineCounter, parseDocument } = await import("yaml");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { problems: [{ path: "", message: `the file must exist and be readable: ${(error as Error).message}` }] };
  }
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (yaml.errors.length > 0) {
    return {
      problems: yaml.errors.map(({ message, pos }) => ({ path: "", message: `${message}: correct it`, line: lines.linePos(pos[0]).line })),
    };
  }
  let data: unknown;
  try {
    data = yaml.toJS();
  } catch (error) {
    return { problems: [{ path: "", message: `the file must be plain data: ${(error as Error).message}` }] };
  }
  const document = readDocument(data);
  if ("declared" in document) return document;
  return {
    problems: document.problems.map((problem) => {
      const at = offsetOf(yaml.contents, problem.path);
      return { ...problem, ...(at === undefined ? {} : { line: lines.linePos(at).line }) };
    }),
  };
}

/** A part of the file, as the parser returns it. */
interface Node {
  readonly items?: readonly {
    readonly key?: { readonly value?: unknown; readonly range?: readonly number[] | null };
    readonly value?: unknown;
  }[];
}

/** Where the key is that a path names, or the last part of it that exists. Names may contain dots. */
function offsetOf(node: unknown, path: string, known?: number): number | undefined {
  const pairs = ((node as Node | null)?.items ?? []).map(({ key, value }) => ({ name: String(key?.value), at: key?.range?.[0], value }));
  const pair = pairs.filter(({ name }) => path === name || path.startsWith(`${name}.`)).sort((a, b) => b.name.length - a.name.length)[0];
  return pair === undefined ? known : offsetOf(pair.value, path.slice(pair.name.length + 1), pair.at);
}
