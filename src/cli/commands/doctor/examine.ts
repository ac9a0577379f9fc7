import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../../../core/twilio/connection";
import { openTwilio } from "../../../core/twilio/transport";
import { errorTextOf, pulumi, withoutStack } from "../../shared/engine";
import { openTarget, readStack, type StackFacts, signingKeyOf, type Target, type TargetOptions } from "../../shared/target";
import { type Finding, fail, ok, type Result, skipped, warn } from "./finding";
import { accountOf, type Deployment, pending } from "./stack";
import { cli, node, ownPackage, plugins } from "./tools";
import { account, clock, countNumbers, numbers, readAccount, refused, region } from "./twilio";

/** How long Twilio may take for one question, with its repetitions. */
const PATIENCE_MS = 15_000;

/** Looks at everything that a deployment rests on, and changes nothing, neither at Twilio nor in the stack. */
export async function examine(where: TargetOptions, version: string): Promise<Finding[]> {
  const [pulumiVersion, installed, exported] = await Promise.all([
    pulumi(["version"]),
    pulumi(["plugin", "ls", "--json"]),
    pulumi(["stack", "export"], { stack: where.stack }),
  ]);
  const missing = withoutStack(exported);
  const isRead = exported?.code === 0;
  const deployment = isRead ? (JSON.parse(exported.stdout) as { deployment: Deployment }).deployment : undefined;
  const hasCommands = deployment?.resources?.some(({ type }) => type.startsWith("command:")) ?? false;
  const unreadable = exported && missing === undefined && !isRead ? errorTextOf(exported) : undefined;
  return [
    { name: "node", ...node(process.versions.node) },
    { name: "pulumi", ...cli(pulumiVersion) },
    { name: "plugins", ...plugins(installed, hasCommands) },
    { name: "package", ...ownPackage(version) },
    {
      name: "stack",
      ...(unreadable === undefined ? pending(deployment, missing) : fail(unreadable, "mend that; `pulumi stack ls` lists the stacks")),
    },
    ...(await twilioOf(where, deployment)),
  ];
}

/** What is asked of Twilio, each thing by itself. */
const asked = ["credentials", "tokens", "account", "clock", "region", "numbers", "emulator", "stack account"] as const;

async function twilioOf(where: TargetOptions, deployment: Deployment | undefined): Promise<Finding[]> {
  const found: Partial<Record<(typeof asked)[number], Result>> = {};
  const findings = (why: string): Finding[] => asked.map((name) => ({ name, ...(found[name] ?? skipped(why)) }));
  let target: Target;
  try {
    const facts = await readStack(where.stack, { configured: where.profile === undefined });
    const unmade = unmadeFolder(facts);
    if (unmade !== undefined) {
      found.credentials = ok("the local Twilio's own; nothing is billed");
      found.emulator = ok(`the first pulumi up makes the local Twilio in ${unmade}`);
      return findings("the local Twilio has yet to be made");
    }
    target = await openTarget(where, facts);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // The first sentence says what is wrong, the others what to do.
    const [, what = error.message, cure = "set it as the README says, under A real account"] =
      /^(.*?)(?:\.\s+|\n)([\s\S]*)$/.exec(error.message) ?? [];
    found.credentials = fail(what, cure);
    return findings("no credentials to ask with");
  }
  try {
    const { connection } = target;
    found.region = region(connection);
    found.emulator = await emulator(target);
    found["stack account"] = deployment
      ? accountOf(deployment, connection.accountSid)
      : skipped(target.withoutStack ?? "there is no stack");
    found.tokens = key(target);
    const twilio = openTwilio({ ...connection, operationTimeoutMs: PATIENCE_MS });
    const count = await countNumbers(twilio).catch(refused);
    if (typeof count !== "number") {
      found.credentials = count;
      return findings("Twilio did not answer as it should");
    }
    found.credentials = ok(`${connection.username} of ${connection.source}`);
    const own = await readAccount(twilio);
    found.account = account(connection, own);
    found.numbers = numbers(count, own);
    found.clock = clock(twilio.skewMs());
    return findings("");
  } finally {
    await target.close();
  }
}

/** The folder of an embedded Twilio that nothing has used yet: to open it would be to make it. */
function unmadeFolder({ config }: StackFacts): string | undefined {
  if (config["twilio:backend"] !== "emulator") return undefined;
  const folder = config["twilio:stateDir"] ?? join(projectFolder(process.cwd()), ".twilio");
  return existsSync(folder) ? undefined : folder;
}

function key(target: Target): Result {
  if (target.connection.signingKey) return ok(`signed with ${signingKeyOf(target).sid}`);
  return warn(
    `${target.connection.source} holds an auth token only, which cannot sign access tokens`,
    "make a key in the Console, then pulumi config set twilio:apiKey SK… && pulumi config set --secret twilio:apiSecret …",
  );
}

async function emulator({ connection }: Target): Promise<Result> {
  if (connection.backend !== "emulator") return skipped("the stack does not use the local Twilio");
  const answer = await fetch(`${connection.baseUrl}/_emulator/health`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const { status, pid } = (await answer.json()) as { status?: string; pid?: number };
  const server = pid === process.pid ? "nobody else, so this command for the moment" : `process ${pid} at ${connection.baseUrl}`;
  return status === "ok"
    ? ok(`${connection.place} is served by ${server}`)
    : fail(`${connection.place} is not served as it should`, "end the process that serves it, and try again");
}
