import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../../core/twilio/connection";
import { UsageError } from "../../../core/twilio/errors";
import { openTwilio } from "../../../core/twilio/transport";
import { advancedMs } from "../../shared/control-plane";
import { errorTextOf, pulumi, withoutStack } from "../../shared/engine";
import { resourcesWithItems } from "../../shared/items";
import { openTarget, readStack, type StackInputs, signingKeyOf, type Target, type TargetOptions, unreachable } from "../../shared/target";
import { heldLock } from "./backend-lock";
import { checkpoints } from "./checkpoints";
import { configuration } from "./configuration";
import { type Finding, fail, ok, type Result, skipped, warn } from "./finding";
import { secrets } from "./secrets";
import { accountOf, broken, credentialsFor, type Deployment, pending, unreadable } from "./stack";
import { cli, node, ownPackage, plugins } from "./tools";
import { account, clock, countNumbers, numbers, readAccount, refused, region } from "./twilio";

/** The longest time for one request to Twilio, including retries. */
const TIMEOUT_MS = 15_000;

/** Checks everything that a deployment needs. Changes nothing, neither at Twilio nor in the stack. */
export async function examine(where: TargetOptions, version: string): Promise<Finding[]> {
  const [pulumiVersion, installed, exported, whoami] = await Promise.all([
    pulumi(["version"]),
    pulumi(["plugin", "ls", "--json"]),
    pulumi(["stack", "export"], { stack: where.stack }),
    pulumi(["whoami", "--json"]),
  ]);
  const missing = withoutStack(exported);
  const isRead = exported?.code === 0;
  const deployment = isRead ? (JSON.parse(exported.stdout) as { deployment: Deployment }).deployment : undefined;
  const hasCommands = deployment?.resources?.some(({ type }) => type.startsWith("command:")) ?? false;
  const problem = exported && missing === undefined && !isRead ? unreadable(errorTextOf(exported)) : undefined;
  const found = await secrets(where.stack, deployment, missing ?? "the stack cannot be read");
  return [
    { name: "node", ...node(process.versions.node) },
    { name: "pulumi", ...cli(pulumiVersion) },
    { name: "plugins", ...plugins(installed, hasCommands) },
    { name: "package", ...ownPackage(version) },
    {
      name: "stack",
      ...(problem ??
        (deployment && (broken(deployment) ?? heldLock(whoami, deployment.resources?.[0]?.urn))) ??
        pending(deployment, missing)),
    },
    { name: "checkpoints", ...checkpoints(deployment, whoami) },
    { name: "secrets", ...found },
    ...(await twilioOf(
      where,
      deployment && { ...deployment, resources: resourcesWithItems(deployment.resources ?? []) },
      problem ? "the stack cannot be read" : found.verdict === "fail" ? "the stack's secrets cannot be used" : undefined,
    )),
  ];
}

/** The checks that need Twilio, each independent of the others. */
const twilioChecks = [
  "configuration",
  "credentials",
  "tokens",
  "account",
  "clock",
  "region",
  "numbers",
  "emulator",
  "stack account",
] as const;

async function twilioOf(where: TargetOptions, deployment: Deployment | undefined, unreadable: string | undefined): Promise<Finding[]> {
  const found: Partial<Record<(typeof twilioChecks)[number], Result>> = {};
  const findings = (why: string): Finding[] => twilioChecks.map((name) => ({ name, ...(found[name] ?? skipped(why)) }));
  let target: Target;
  try {
    const known = await readStack(where.stack, { configured: where.profile === undefined });
    found.configuration = where.profile === undefined ? configuration(known.config) : skipped("--profile replaces it");
    if (found.configuration.verdict === "fail") return findings("the configuration is not valid");
    const newFolder = newStateFolder(known);
    if (newFolder !== undefined) {
      found.credentials = ok("the emulator's own; nothing is billed");
      found.emulator = ok(`the first pulumi up creates the emulator's state in ${newFolder}`);
      return findings("the emulator has no state yet");
    }
    target = await openTarget(where, known);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (unreadable !== undefined) return findings(unreadable);
    const { parts, property } = error instanceof UsageError ? error : { parts: undefined, property: undefined };
    if (property === unreachable) {
      found.emulator = fail(parts?.problem ?? error.message, parts?.fix ?? "");
      return findings("nothing responds there");
    }
    // The emulator has credentials of its own, so what failed is the start of the one in the project's folder.
    if (!(error instanceof UsageError)) {
      found.emulator = fail(error.message, "stop the process that serves the state folder, or choose another folder with twilio:stateDir");
      return findings("the emulator does not start");
    }
    found.credentials = fail(parts?.problem ?? error.message, parts?.fix ?? "see A real account in the README");
    return findings("no credentials");
  }
  try {
    const { connection } = target;
    found.region = region(connection);
    found.emulator = await emulator(target);
    found["stack account"] = deployment
      ? accountOf(deployment, connection.accountSid)
      : skipped(target.withoutStack ?? "there is no stack");
    found.tokens = key(target);
    const twilio = openTwilio({ ...connection, operationTimeoutMs: TIMEOUT_MS });
    const count = await countNumbers(twilio).catch(refused);
    if (typeof count !== "number") {
      found.credentials = count;
      return findings("Twilio refused the credentials");
    }
    const own = await readAccount(twilio);
    found.credentials = credentialsFor(deployment, connection.username, connection.source, own !== undefined);
    found.account = account(connection, own);
    found.numbers = numbers(count, own);
    found.clock = clock((twilio.skewMs() ?? 0) - (await advancedMs(connection)));
    return findings("");
  } finally {
    await target.close();
  }
}

/** The state folder of an embedded emulator, if it does not exist yet: connecting would create it. */
function newStateFolder({ config }: StackInputs): string | undefined {
  if (config["twilio:backend"] !== "emulator") return undefined;
  const folder = config["twilio:stateDir"] ?? join(projectFolder(process.cwd()), ".twilio");
  return existsSync(folder) ? undefined : folder;
}

function key(target: Target): Result {
  if (target.connection.signingKey) return ok(`signed with ${signingKeyOf(target).sid}`);
  return warn(
    `${target.connection.source} has only an auth token, which cannot sign access tokens`,
    "create a key in the Console, then pulumi config set twilio:apiKey SK… && pulumi config set --secret twilio:apiSecret …",
  );
}

async function emulator({ connection }: Target): Promise<Result> {
  if (connection.backend !== "emulator") return skipped("the stack does not use the emulator");
  const response = await fetch(`${connection.baseUrl}/_emulator/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const { status, pid } = (await response.json()) as { status?: string; pid?: number };
  const server = pid === process.pid ? "this command, because no other process serves it" : `process ${pid} at ${connection.baseUrl}`;
  return status === "ok"
    ? ok(`${connection.place} is served by ${server}`)
    : fail(`${connection.place} is not served correctly`, "stop the process that serves it, and try again");
}
