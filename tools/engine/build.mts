import { join } from "node:path";
import { CLI, LANGUAGE_HOST, VERSION } from "./layout.mts";
import { hasCode } from "./lock.mts";
import type { Progress } from "./progress.mts";
import { run } from "./run.mts";

/** What is built: a Go module of ours that requires the package (and repeats its `replace` lines), and the package itself. */
const PARTS = [
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

/** Builds the CLI and the language host from their Go modules into a folder. Returns why that failed, or `undefined`. */
export async function build(folder: string, progress: Progress, signal?: AbortSignal): Promise<string | undefined> {
  for (const part of PARTS) {
    progress.begin(`building ${part.name} from its Go module (minutes the first time)`);
    const reason = await compile(part, join(folder, part.name), progress, signal);
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
  part: (typeof PARTS)[number],
  target: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const args = ["build", "-v", "-mod=readonly", "-trimpath", "-ldflags", part.flags, "-o", target, part.package];
  // Without cgo no C compiler is needed; without a workspace nobody's go.work changes the pinned versions.
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  let [modules, packages] = [0, 0];
  const onLine = (line: string) => {
    if (line.startsWith("go: downloading ")) modules++;
    else packages++;
    progress.detail(packages > 0 ? `${packages} packages compiled` : `${modules} modules downloaded`);
  };
  try {
    const { code, tail } = await run("go", args, { cwd: join(import.meta.dirname, part.module), env, signal, onLine });
    return code === 0 ? undefined : `go build ${part.package} failed:\n${tail}`;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "there is no Go toolchain on PATH";
    throw error;
  }
}
