import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Conversation } from "../conversations/conversation";
import type { ConversationService } from "../conversations/service";
import { redactCredential } from "../core/registration/log-redaction";

/** What you may set on a {@link ConversationsSmokeTest}. */
export interface ConversationsSmokeTestArgs {
  /** The `ConversationService` to test, or its id. It must belong to the stack's own account. */
  service: pulumi.Input<string> | pulumi.Input<ConversationService>;
  /** Conversations of this service, or their ids. Each must be open, and its webhooks must answer. Default: none. */
  conversations?: (pulumi.Input<string> | pulumi.Input<Conversation>)[] | undefined;
  /**
   * Other resources that the chat depends on, for example participants, numbers and webhooks: they must exist before the test runs, and it runs
   * again when one of them changes. Default: none.
   */
  resources?: pulumi.CustomResource[] | undefined;
}

/** The result of one check. */
export interface SmokeTestCheck {
  /** `message`, `token`, `conversations` or `webhooks`. */
  name: string;
  /** Whether the check ran and found no fault. */
  ok: boolean;
  /** Set if the check could not run: without an API key, there is no token to check. */
  skipped?: boolean;
  /** Duration in milliseconds. */
  ms: number;
}

/** The version of `@pulumi/command` that this package is tested with. npm's `latest` tag points to an older release. */
const COMMAND_VERSION = "1.2.1";

/** The test as a program for `node -e`. It uses no shell, because quoting differs between systems. */
const program = (args: readonly string[]): string =>
  `process.argv.push(...${JSON.stringify(args)}); require("pulumi-twilio-conversations/cli")`;

/**
 * Fails the deployment if the chat does not work. After the resources are created, it runs `twilio-conversations verify`: this sends a
 * message, reads it back and removes it, creates and checks an access token, and checks that the webhooks answer. It texts nobody. It runs
 * again when a property of one of the resources or the stack's `twilio:` configuration changes. Of a resource that is not from this package, or
 * that is given by its id, only a change of the id counts. A check that cannot run does not fail the deployment: a warning names it.
 *
 * It needs the package `@pulumi/command` (`npm install @pulumi/command@1.2.1`) and the plugin of the same version
 * (`pulumi plugin install resource command 1.2.1`; the engine downloads it if it can). Programs without a smoke test need neither.
 *
 * @example
 * new ConversationsSmokeTest("works", { service, conversations: [hello], resources: [number, mobile, pineapple] });
 */
export class ConversationsSmokeTest extends pulumi.ComponentResource {
  /** The results of the last run. */
  readonly checks: pulumi.Output<SmokeTestCheck[]>;
  /** A hash of all given resources, a secret if one of their properties is. A change runs the test again. */
  readonly hash: pulumi.Output<string>;

  constructor(name: string, args: ConversationsSmokeTestArgs, options?: pulumi.ComponentResourceOptions) {
    const { local } = requireCommand(name);
    super("twilio:components:ConversationsSmokeTest", name, {}, options);
    const service = idOf(args.service);
    const rooms = pulumi.all((args.conversations ?? []).map(idOf));
    const given = [args.service, ...(args.conversations ?? []), ...(args.resources ?? [])];
    this.hash = pulumi.all(given.map(stateOf)).apply((states) => createHash("sha256").update(JSON.stringify(states)).digest("hex"));

    const settings = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("twilio:"));
    const config = pulumi.secret(JSON.stringify(Object.fromEntries(settings)));
    redactCredential(config, "");
    const command = new local.Command(
      name,
      {
        interpreter: ["node", "-e"],
        create: pulumi
          .all([service, rooms])
          .apply(([id, ids]) =>
            program(["verify", "--json", "--allow-skipped", "--service", id, ...ids.flatMap((one) => ["--conversation", lastOf(one)])]),
          ),
        // The engine passes configuration to programs in the same variable. The command inherits the rest of the environment.
        environment: { PULUMI_CONFIG: config },
        triggers: [this.hash],
        // Every other setting prints the output as plain text.
        logging: local.Logging.None,
        addPreviousOutputInEnv: false,
      },
      { parent: this, additionalSecretOutputs: ["stdout", "stderr", "environment"] },
    );
    this.checks = pulumi.unsecret(command.stdout.apply(checksOf)).apply((checks) => this.warnOfSkipped(checks));
    this.registerOutputs({ checks: this.checks, hash: this.hash });
  }

  private warnOfSkipped(checks: SmokeTestCheck[]): SmokeTestCheck[] {
    const names = checks.filter(({ skipped }) => skipped).map((one) => one.name);
    if (names.length > 0)
      void pulumi.log.warn(
        `The smoke test could not check: ${names.join(", ")}. Run \`twilio-conversations verify\` for the reason.`,
        this,
      );
    return checks;
  }
}

/** Loads the optional peer dependency. Programs without a smoke test need not install it. */
function requireCommand(name: string): typeof import("@pulumi/command") {
  try {
    require.resolve("@pulumi/command");
  } catch {
    throw new pulumi.RunError(
      `ConversationsSmokeTest ${JSON.stringify(name)} needs the package @pulumi/command, which is not installed. Run \`npm install @pulumi/command@${COMMAND_VERSION}\`.`,
    );
  }
  return require("@pulumi/command");
}

const idOf = (given: unknown): pulumi.Output<string> =>
  pulumi.CustomResource.isInstance(given) ? given.id : resolve(given, (value) => (typeof value === "string" ? value : value.id));

/** A resource or an id that is the value of an output or a promise. */
const resolve = <T>(given: unknown, use: (value: string | pulumi.CustomResource) => pulumi.Input<T>): pulumi.Output<T> =>
  pulumi.all([given]).apply(([value]) => use(value as unknown as string | pulumi.CustomResource)) as pulumi.Output<T>;

/** What the chat depends on: the properties of a resource of this package, the id of another one. Secret if a property is. */
function stateOf(given: unknown): pulumi.Output<unknown> {
  if (!pulumi.CustomResource.isInstance(given)) return resolve(given, (value) => (typeof value === "string" ? value : stateOf(value)));
  if (!isOwn(given)) return idOf(given);
  // The properties without a value of their own follow from the id.
  const properties = Object.entries(Object.getOwnPropertyDescriptors(given))
    .filter(([name, { value }]) => name !== "urn" && !name.startsWith("__") && pulumi.Output.isInstance(value))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // In a preview, the account is unknown if the resource changes, and the hash must be unknown too.
  return pulumi.output(properties.map(([name, { value }]) => [name, name === "accountSid" ? value : ifKnown(value)]));
}

/** A property, or `undefined`: in a preview, the SDK resolves properties that are not set as unknown, and an unknown value hides all others. */
const ifKnown = (property: { isKnown: Promise<boolean> }): pulumi.Output<unknown> =>
  pulumi.output(property.isKnown.then((isKnown) => (isKnown ? property : undefined)));

/** Whether a resource is of this package, also of another copy of it. */
const isOwn = (given: unknown): given is pulumi.CustomResource =>
  pulumi.CustomResource.isInstance(given) &&
  (given as { __pulumiType?: string }).__pulumiType?.startsWith("pulumi-nodejs:twilio/") === true;

const lastOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** Keeps only names and results. Addresses and messages stay in the secret outputs. */
function checksOf(stdout: string): SmokeTestCheck[] {
  const { checks } = JSON.parse(stdout) as { checks: SmokeTestCheck[] };
  return checks.map(({ name, ok, skipped, ms }) => ({ name, ok, ...(skipped ? { skipped } : {}), ms }));
}
