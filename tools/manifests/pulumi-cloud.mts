import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

/** The kinds of requests that {@link checkRequest} knows. */
export type RequestKind = "settings" | "drift-schedule";

/**
 * Decodes a request with the types that Pulumi generates from the API of Pulumi Cloud, and returns what is wrong: a wrong type, or a property that the
 * types do not know. Runs in the module that builds the engine, which pins their version. The first run compiles them.
 */
export function checkRequest(
  kind: RequestKind,
  request: unknown,
  offline: boolean,
): { readonly problems: string[] } | { readonly reason: string } {
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off", ...(offline && { GOPROXY: "off" }) };
  const { error, status, stdout, stderr } = spawnSync("go", ["run", "-mod=readonly", join(import.meta.dirname, "settings.go"), kind], {
    cwd: join(import.meta.dirname, "../engine/cli"),
    env,
    input: JSON.stringify(request),
    encoding: "utf8",
  });
  if (error) return { reason: `go: ${error.message}` };
  // `go run` reports the program's status in its last line.
  if (/exit status 1\s*$/.test(stderr)) return { problems: [stderr.replace(/exit status 1\s*$/, "").trim()] };
  if (status !== 0) return { reason: stderr.trim().split("\n").at(-1) as string };
  return { problems: differences(request, JSON.parse(stdout), "") };
}

/** The places where the decoded request differs. An image without credentials is encoded as its reference. */
function differences(sent: unknown, decoded: unknown, path: string): string[] {
  if (isDeepStrictEqual(sent, decoded) || (typeof decoded === "string" && isDeepStrictEqual(sent, { reference: decoded }))) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(sent) || !isObject(decoded))
    return [decoded === undefined ? `${path} is unknown` : `${path} is read as ${JSON.stringify(decoded)}`];
  return Object.keys(sent).flatMap((key) => differences(sent[key], decoded[key], `${path}/${key}`));
}
