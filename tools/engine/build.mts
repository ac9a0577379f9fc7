import { join } from "node:path";
import { CLI, LANGUAGE_HOST, VERSION } from "./layout.mts";
import { hasCode } from "./lock.mts";
import type { Progress } from "./progress.mts";
import { run } from "./run.mts";

/** What to build: a package, and the Go module in this folder that requires it and repeats its `replace` directives. */
const TARGETS = [
  {
    name: CLI,
    module: "cli",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    flags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${VERSION}`,
  },
  {
    name: LANGUAGE_HOST,
    module: "language",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    flags: "-s -w",
  },
] as const;

/** Builds the CLI and the language host from their Go modules into a folder. Returns the reason of a failure, or `undefined`. */
export async function build(folder: string, progress: Progress, signal?: AbortSignal): Promise<string | undefined> {
  for (const target of TARGETS) {
    progress.begin(`building ${target.name} from its Go module (the first build takes minutes)`);
    const reason = await compile(target, join(folder, target.name), progress, signal);
    signal?.throwIfAborted();
    if (reason !== undefined) {
      progress.end("failed");
      return reason;
    }
  }
  progress.end();
  return undefined;
}

async function compile(
  target: (typeof TARGETS)[number],
  output: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const args = ["build", "-v", "-mod=readonly", "-trimpath", "-ldflags", target.flags, "-o", output, target.package];
  // Without cgo, no C compiler is needed. Without a workspace, a go.work file cannot change the pinned versions.
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  let [modules, packages] = [0, 0];
  const onLine = (line: string) => {
    if (line.startsWith("go: downloading ")) modules++;
    else packages++;
    progress.detail(packages > 0 ? `${packages} packages compiled` : `${modules} modules downloaded`);
  };
  try {
    const { code, tail } = await run("go", args, { cwd: join(import.meta.dirname, target.module), env, signal, onLine });
    return code === 0 ? undefined : `go build ${target.package} failed:\n${tail}`;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "Go is not on PATH";
    throw error;
  }
}
