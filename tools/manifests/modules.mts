import { spawnSync } from "node:child_process";

/** The folder of a Go module in Go's module cache, or why it is not there. */
export type ModuleResult = { readonly folder: string } | { readonly reason: string };

/** Finds a Go module in the module cache. If it is not there and `offline` is not set, downloads it. */
export function findModule(module: string, offline: boolean): ModuleResult {
  // Outside of a workspace, nothing changes the version.
  const env = { ...process.env, GOWORK: "off", ...(offline && { GOPROXY: "off" }) };
  const { error, stdout, stderr } = spawnSync("go", ["mod", "download", "-json", module], {
    cwd: import.meta.dirname,
    env,
    encoding: "utf8",
  });
  if (error) return { reason: `go: ${error.message}` };
  const { Dir: folder, Error: reason = stderr } = JSON.parse(stdout || "{}") as { Dir?: string; Error?: string };
  return folder === undefined ? { reason: reason.replaceAll(/\s+/g, " ").trim() } : { folder };
}
