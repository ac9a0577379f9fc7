/** A user's project: an empty folder in which this package is installed from its tarball, as `npm install` leaves it. */
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..", "..");
const modules = join(root, "node_modules");
const run = promisify(execFile);

/** The name of this package. */
const PACKAGE = "pulumi-twilio-conversations";

/** A project folder. */
export interface Project {
  readonly folder: string;
  /** Writes files, by their names. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a project with these packages installed. Nothing comes from a network: dependencies are links to those of this repository. */
export async function newProject(packages: readonly string[]): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-project-"));
  const own = packages.includes(PACKAGE) ? await unpack(folder) : [];
  const names = await withDependencies([...packages.filter((name) => name !== PACKAGE), ...own]);
  await Promise.all([...names].map((name) => install(name, join(folder, "node_modules", name))));
  return {
    folder,
    async write(files) {
      await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Installs this package and returns the names of its dependencies. Optional peers are not among them, as with npm. */
async function unpack(folder: string): Promise<string[]> {
  const [target, bin] = [join(folder, "node_modules", PACKAGE), join(folder, "node_modules", ".bin")];
  await Promise.all([mkdir(target, { recursive: true }), mkdir(bin, { recursive: true })]);
  // The package is built already; its scripts would build it again.
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: root });
  const tarball = join(folder, stdout.trim());
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target]);
  await rm(tarball);
  const manifest = JSON.parse(await readFile(join(target, "package.json"), "utf8")) as Manifest;
  for (const [name, path] of Object.entries(manifest.bin ?? {})) {
    await symlink(join("..", PACKAGE, path), join(bin, name));
    await chmod(join(target, path), 0o755);
  }
  const required = Object.keys(manifest.peerDependencies ?? {}).filter((name) => !manifest.peerDependenciesMeta?.[name]?.optional);
  return [...Object.keys(manifest.dependencies ?? {}), ...required];
}

interface Manifest {
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** The packages and all that they depend on, according to this repository's lock file. */
async function withDependencies(names: readonly string[]): Promise<Set<string>> {
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, Manifest> };
  const found = new Set<string>();
  for (const pending = [...names]; pending.length > 0; ) {
    const name = pending.pop() as string;
    if (found.has(name)) continue;
    found.add(name);
    pending.push(...Object.keys(lock.packages[`node_modules/${name}`]?.dependencies ?? {}));
  }
  return found;
}

async function install(name: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  // Node.js resolves a link before it looks for what the package requires, so Pulumi would find this repository's TypeScript.
  if (name === "@pulumi/pulumi") await cp(join(modules, name), target, { recursive: true });
  else await symlink(join(modules, name), target);
}
