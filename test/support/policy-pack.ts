import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** Copies the policy pack so that the pinned engine can start it, with `plugins/pulumi-analyzer-policy-nodeshim` on the PATH. */
export async function copyPolicyPack(folder: string): Promise<string> {
  const pack = join(folder, "policy");
  await cp(join(root, "policy"), pack, { recursive: true });
  const manifest = join(pack, "PulumiPolicy.yaml");
  await writeFile(manifest, (await readFile(manifest, "utf8")).replace("runtime: nodejs", "runtime: nodeshim"));
  await symlink(join(root, "node_modules"), join(pack, "node_modules"));
  return pack;
}
