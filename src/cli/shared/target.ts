import { type Connection, connect, type SigningKey } from "../../core/twilio/connection";
import { UsageError } from "../../core/twilio/errors";
import { openTwilio } from "../../core/twilio/transport";
import type { Twilio } from "../../core/twilio/twilio";
import type { Emulator } from "../../emulator";
import { errorTextOf, pulumi, withoutStack } from "./engine";

/** What a command is told about where to work. */
export interface TargetOptions {
  /** A profile of the Twilio CLI; outranks the stack's configuration and the environment. */
  readonly profile?: string;
  /** A stack of the project in this folder. Default: the one that is selected there. */
  readonly stack?: string;
}

/** The Twilio that a command works on, and the stack beside it. */
export interface Target {
  readonly connection: Connection;
  readonly twilio: Twilio;
  /** Finds the connection again: an embedded Twilio moves when whoever served its folder ends. */
  readonly connect: () => Promise<Connection>;
  /** What the stack exports, secrets masked. Empty without a stack. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Why there is no stack, where there is none. */
  readonly withoutStack?: string;
  /** Ends the embedded Twilio, where this process serves it. Nothing keeps a process alive that does not call it. */
  close(): Promise<void>;
}

/**
 * Finds the Twilio that a command works on: the profile that is named, else what the stack's configuration says, the embedded Twilio
 * included, else the environment; the rules are those of `pulumi up`. The stack is that of the project around this folder; without a project,
 * without the CLI or without a stack that is selected there is none, and that is an error only where `stack` names one. What a deployment runs
 * gets the configuration from it, in PULUMI_CONFIG, and no stack. Who has read the stack already gives its `facts`.
 *
 * @example
 * const target = await openTarget({ stack });             // `verify` may run without a stack: TWILIO_… in the environment
 * const service = serviceOf(target, options.service);     // IS…, from the flag or from the stack's output `serviceSid`
 * await target.twilio.send({ attempt: "Cannot …", product: "conversations", method: "get", path: `/v1/Services/${service}` });
 * const { sid, secret } = signingKeyOf(target);           // what access tokens are signed with
 */
export async function openTarget({ profile, stack }: TargetOptions, facts?: StackFacts): Promise<Target> {
  const { config, outputs, withoutStack } = facts ?? (await readStack(stack, { configured: profile === undefined }));
  // By URL, the first handle of each: where this process serves the folder, that one ends it.
  const embedded = new Map<string, Emulator>();
  const find = () =>
    connect({
      config: (key) => (profile === undefined ? config[key] : key === "twilio:profile" ? profile : undefined),
      env: process.env,
      cwd: process.cwd(),
      openEmbedded: async (stateDir) => {
        const emulator = await (await import("../../emulator")).attachEmulator(stateDir);
        if (!embedded.has(emulator.url)) embedded.set(emulator.url, emulator);
        return emulator;
      },
    });
  const connection = await find().catch((error: unknown) => {
    const isWithout = error instanceof UsageError && withoutStack !== undefined;
    throw isWithout ? new UsageError(`${error.message}\n(No stack was asked: ${withoutStack}.)`) : error;
  });
  return {
    connection,
    twilio: openTwilio(connection),
    connect: find,
    outputs,
    ...(withoutStack === undefined ? {} : { withoutStack }),
    close: async () => void (await Promise.all([...embedded.values()].map((emulator) => emulator.close()))),
  };
}

/** The conversation service: the one given, else the stack's output `serviceSid`. */
export function serviceOf({ outputs, withoutStack }: Target, given: string | undefined, flag = "--chat-service-sid"): string {
  const sid = given ?? outputs.serviceSid;
  if (sid === undefined) {
    const why = withoutStack ?? "the stack exports no serviceSid: add `export const serviceSid = service.sid;` to its program";
    throw new UsageError(`which conversation service? Give ${flag} IS…, or work on a stack that exports serviceSid (${why}).`);
  }
  if (typeof sid === "string" && /^IS[0-9a-fA-F]{32}$/.test(sid)) return sid;
  const where = given === undefined ? "the stack's output serviceSid" : flag;
  throw new UsageError(`${where} is ${JSON.stringify(sid)}, which is not the SID of a conversation service (IS and 32 hex digits).`);
}

/** What access tokens are signed with. An auth token cannot sign. */
export function signingKeyOf({ connection: { signingKey, accountSid, source } }: Pick<Target, "connection">): SigningKey {
  if (signingKey) return signingKey;
  throw new UsageError(
    [
      `an access token is signed with an API key, and ${source} holds only the auth token of ${accountSid}. Make a key:`,
      "  in the Console under Account > API keys & tokens (a standard key), or with `twilio api:core:keys:create`",
      "then give it in the same place, as apiKey and apiSecret:",
      "  pulumi config set twilio:apiKey SK… && pulumi config set --secret twilio:apiSecret …",
      "  or TWILIO_API_KEY and TWILIO_API_SECRET beside TWILIO_ACCOUNT_SID in the environment",
    ].join("\n"),
  );
}

/** What a stack tells: its configuration, secrets in clear, and its outputs, secrets masked. */
export interface StackFacts {
  readonly config: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly withoutStack?: string;
}

/** Configuration, if it is asked for, and outputs of the stack that is named or selected: the CLI's to tell, wherever it keeps them. */
export async function readStack(name: string | undefined, { configured }: { configured: boolean }): Promise<StackFacts> {
  // A deployment is at work on the stack, and hands its configuration on as the engine does to programs.
  const handed = process.env.PULUMI_CONFIG;
  if (handed !== undefined && name === undefined) {
    return { config: configured ? JSON.parse(handed) : {}, outputs: {}, withoutStack: "a deployment of it is under way" };
  }
  const none = (why: string): StackFacts => {
    if (name !== undefined) throw new UsageError(`the stack ${name} cannot be read: ${why}.`);
    return { config: {}, outputs: {}, withoutStack: why };
  };
  const [config, outputs] = await Promise.all([
    configured ? pulumi(["config", "--json", "--show-secrets"], { stack: name }) : { code: 0, stdout: "{}", stderr: "" },
    pulumi(["stack", "output", "--json"], { stack: name }),
  ]);
  const why = withoutStack(config) ?? withoutStack(outputs);
  if (why !== undefined || config === undefined || outputs === undefined) return none(String(why));
  const failed = [config, outputs].find(({ code }) => code !== 0);
  if (failed) throw new UsageError(`the stack ${name ?? "that is selected"} cannot be read: ${errorTextOf(failed)}.`);
  const settings = Object.entries(JSON.parse(config.stdout) as Record<string, { value?: string }>);
  return {
    config: Object.fromEntries(settings.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]]))),
    outputs: JSON.parse(outputs.stdout) as Record<string, unknown>,
  };
}
