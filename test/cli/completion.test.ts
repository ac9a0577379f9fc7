import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { helpOfAllCommands } from "../../tools/docs/cli.mts";

const CLI = "dist/cli/main.js";
const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

describe("twilio-conversations completion", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-completion-"));
    for (const shell of ["bash", "zsh", "fish"]) {
      const { stdout } = spawnSync(process.execPath, [CLI, "completion", shell], { encoding: "utf8" });
      await writeFile(join(folder, shell), stdout);
    }
    await writeFile(join(folder, "a picture.svg"), "");
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** The completions of bash for the last of these words. */
  function offered(...words: string[]): string[] {
    return completed("twilio-conversations", ["twilio-conversations", ...words]);
  }

  /** The completions of bash for the last word of a line, by the function that is registered for a program. */
  function completed(program: string, words: readonly string[], before = ""): string[] {
    // Calls the function that is registered with `complete`, as readline calls it.
    const script = `
      ${before}
      source ./bash
      registered=$(complete -p ${program})
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      function_name=\${registered#*-F }
      "\${function_name%% *}" "$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-c", script, "bash", ...words], {
      cwd: folder,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter((line) => line !== "");
  }

  it("offers every command and option in --help, and nothing else", async () => {
    for (const { path, help } of await helpOfAllCommands()) {
      const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
      const section = /^Commands:\n((?: {2}.*\n)+)/m.exec(help)?.[1] ?? "";
      const commands = [...section.matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name]) => name).filter((name) => name !== "help");
      const values = [...(/^Arguments:\n((?: .*\n)+)/m.exec(help)?.[1]?.matchAll(/"(\w+)"/g) ?? [])].map(([, value]) => value);
      const wanted = [...flags, ...commands, ...values].filter((word) => path.length === 0 || word !== "--version");
      const found = offered(...path, "").filter((word) => !/^-\w$/.test(word));
      expect(new Set(found), path.join(" ")).toEqual(new Set(wanted));
    }
  });

  it("completes `npx twilio-conversations`, and leaves other uses of npx and its own completion alone", () => {
    const npx = (...words: string[]) => completed("npx", ["npx", ...words]);
    expect(npx("twilio-conversations", "gr")).toEqual(["graph"]);
    expect(npx("twilio-conversations", "graph", "--format", "")).toEqual(["svg", "mermaid", "dot", "json"]);
    expect([npx("twilio-conv"), npx("other", "gr")]).toEqual([[], []]);
    const own = "_own() { COMPREPLY=(mine); }; complete -F _own npx";
    expect(completed("npx", ["npx", "twilio-conversations", "gr"], own)).toEqual(["mine"]);
  });

  it("completes prefixes, fixed values and files, and nothing else", () => {
    expect(offered("gr")).toEqual(["graph"]);
    expect(offered("graph", "--fo")).toEqual(["--format"]);
    expect(offered("graph", "--format", "")).toEqual(["svg", "mermaid", "dot", "json"]);
    expect(offered("graph", "--json", "--out", "a p")).toEqual(["a picture.svg"]);
    expect(offered("completion", "f")).toEqual(["fish"]);
    expect(offered("token", "--identity", "")).toEqual([]);
    // An option's value that equals the name of a command is not the command.
    expect(offered("token", "--identity", "graph", "--tt")).toEqual(["--ttl"]);
    expect(offered("grahp", "--fo")).toEqual([]);
  });

  it.skipIf(!has("zsh"))("is a script that zsh understands, and completes there too", () => {
    expect(spawnSync("zsh", ["-n", join(folder, "zsh")], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  it.skipIf(!has("fish"))("is offered by fish, with descriptions", () => {
    const offer = (line: string) =>
      spawnSync("fish", ["--no-config", "-c", `source ${join(folder, "fish")}; complete -C '${line}'`], { cwd: folder, encoding: "utf8" })
        .stdout;
    expect(offer("twilio-conversations gr")).toMatch(/^graph\tDraw /);
    expect(offer("twilio-conversations graph --form")).toMatch(/^--format\t/);
    expect(offer("twilio-conversations graph --format m")).toMatch(/^mermaid\b/);
    expect(offer("twilio-conversations completion z")).toMatch(/^zsh\b/);
    expect(offer("twilio-conversations graph --out a")).toContain("a picture.svg");
  });
});
