import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { newProject } from "../support/project";

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly hasInstallScript?: boolean;
}

it("an installation brings no @pulumi/command and runs no script of this package or its dependencies", async () => {
  const { folder, remove } = await newProject(["pulumi-twilio-conversations"]);
  onTestFinished(remove);
  const modules = join(folder, "node_modules");
  // The engine's SDK, which a user has anyway, is a peer.
  expect(await readdir(join(modules, "@pulumi"))).toEqual(["pulumi"]);
  const own = join(modules, "pulumi-twilio-conversations");
  const { scripts = {}, dependencies = {} } = JSON.parse(await readFile(join(own, "package.json"), "utf8")) as Manifest;
  for (const name of ["preinstall", "install", "postinstall"]) expect(scripts).not.toHaveProperty(name);
  // npm would run node-gyp.
  expect(await readdir(own)).not.toContain("binding.gyp");

  const lock = JSON.parse(await readFile(join(import.meta.dirname, "../../package-lock.json"), "utf8")) as {
    packages: Record<string, Manifest>;
  };
  const found = new Set<string>();
  for (const pending = Object.keys(dependencies); pending.length > 0; ) {
    const name = pending.pop() as string;
    if (found.has(name)) continue;
    found.add(name);
    const entry = lock.packages[`node_modules/${name}`];
    expect(entry, name).toBeDefined();
    expect(entry?.hasInstallScript, name).toBeUndefined();
    pending.push(...Object.keys(entry?.dependencies ?? {}));
  }
  expect(found.size).toBeGreaterThan(10);
  expect([...found].filter((name) => name.startsWith("@pulumi/"))).toEqual([]);
});
