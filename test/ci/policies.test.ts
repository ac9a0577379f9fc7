import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTeam, type Team } from "./team";

const root = join(import.meta.dirname, "..", "..");

/** The messages of engines about a pack that cannot start, by what `--policy-pack` names: a folder or an executable. */
interface Engine {
  readonly folder: string;
  readonly file: string;
}
const plugin = (why: string) => `error: policy pack "p" failed to start: could not read plugin [p]: ${why}`;
const noFiles = 'error: failed to load Pulumi policy project located at "p": no such file';
/** An engine with this ability starts the trial pack, which fails for its own reason. */
const able = plugin("exit status 1");

describe("ci/deploy and ci/preview with a policy pack", () => {
  let team: Team;
  let bin: string;
  beforeAll(async () => {
    team = await openTeam();
    bin = join(team.folder, "bin");
    await mkdir(bin);
    await cp(join(root, "policy"), join(team.folder, "policy"), { recursive: true, filter: (path) => !path.endsWith("node_modules") });
    await writeFile(join(team.folder, "policy", "config.json"), "{}");
  });
  afterAll(() => team.close());

  /** The options about policies that the real run got, and what the script wrote. The engine is a fake with these messages. */
  async function deployOn({ folder, file }: Engine): Promise<{ options: string; text: string }> {
    const log = join(team.folder, "up.log");
    await rm(log, { force: true });
    const fake = `#!/bin/sh
case "$*" in
  up\\ *) echo "$*" >'${log}'; exit 3 ;;
  *--stack\\ trial*--policy-pack*) [ -d "\${6}" ] && echo '${folder}' >&2 || echo '${file}' >&2; exit 1 ;;
esac
`;
    await writeFile(join(bin, "pulumi"), fake);
    await chmod(join(bin, "pulumi"), 0o755);
    const { code, text } = await team.run("deploy", ["staging"], { PATH: `${bin}:${process.env.PATH}` });
    expect(code, text).toBe(3);
    const [, options = ""] = /--stack staging ?(.*)/.exec(await readFile(log, "utf8")) ?? [];
    return { options, text };
  }
  const withConfig = (pack: string) => `--policy-pack ${pack} --policy-pack-config policy/config.json`;

  it("give the pack to an engine whose language host starts packs", async () => {
    const { options, text } = await deployOn({ folder: able, file: able });
    expect(options).toBe(withConfig("policy"));
    expect(text).not.toContain("policies are not checked");
  });

  it.each(["EOF", "exit status 1", 'unexpected token in "not supported.ts"'])("stop if the pack itself is broken: %s", async (why) => {
    expect((await deployOn({ folder: plugin(why), file: able })).options).toBe(withConfig("policy"));
  });

  it.each(["not supported", "unknown method RunPlugin"])("start the pack by its executable if the language host says: %s", async (why) => {
    expect((await deployOn({ folder: plugin(why), file: able })).options).toBe(withConfig("policy/start"));
  });

  it("say that policies are not checked, and the fix, if the engine can start neither, and go on", async () => {
    const { options, text } = await deployOn({ folder: plugin("not supported"), file: noFiles });
    expect(options).toBe("");
    expect(text).toContain(
      "warning: the policies are not checked, because Pulumi's language host cannot start the policy pack policy: not supported; fix: install the current Pulumi CLI",
    );
  });

  it("need no pack", async () => {
    await rm(join(team.folder, "policy"), { recursive: true });
    const { options, text } = await deployOn({ folder: plugin("not supported"), file: noFiles });
    expect({ options, warns: text.includes("policies") }).toEqual({ options: "", warns: false });
  });
});
