import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { redactLog } from "../core/registration/twilio-provider";

/** What you may set on a {@link ConversationsSmokeTest}. */
export interface ConversationsSmokeTestArgs {
  /** The `ConversationService` to test, or its id. It must belong to the stack's own account. */
  service: pulumi.Input<string> | pulumi.CustomResource;
  /** Conversations of this service, or their ids. Each must be open, and its webhooks must answer. Default: none. */
  conversations?: (pulumi.Input<string> | pulumi.CustomResource)[];
  /** Other resources that must exist before the test runs, for example participants and numbers. Default: none. */
  resources?: pulumi.CustomResource[];
}

/** The result of one check. */
export interface SmokeTestCheck {
  /** `message`, `token`, `conversations` or `webhooks`. */
  name: string;
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
 * again when the id of one of the resources or the stack's `twilio:` configuration changes.
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
  /** A hash of the ids of all given resources. A change runs the test again. */
  readonly hash: pulumi.Output<string>;

  constructor(name: string, args: ConversationsSmokeTestArgs, options?: pulumi.ComponentResourceOptions) {
    const { local } = requireCommand(name);
    super("twilio:components:ConversationsSmokeTest", name, {}, options);
    const service = idOf(args.service);
    const conversations = pulumi.all((args.conversations ?? []).map(idOf));
    const others = pulumi.all((args.resources ?? []).map(({ id }) => id));
    this.hash = pulumi.all([service, conversations, others]).apply((ids) => createHash("sha256").update(JSON.stringify(ids)).digest("hex"));

    const settings = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("twilio:"));
    const config = pulumi.secret(JSON.stringify(Object.fromEntries(settings)));
    redactLog(config, "");
    const command = new local.Command(
      name,
      {
        interpreter: ["node", "-e"],
        create: pulumi
          .all([service, conversations])
          .apply(([id, ids]) => program(["verify", "--json", "--service", id, ...ids.flatMap((one) => ["--conversation", lastOf(one)])])),
        // The engine passes configuration to programs in the same variable. The command inherits the rest of the environment.
        environment: { PULUMI_CONFIG: config },
        triggers: [this.hash],
        // Every other setting prints the output as plain text.
        logging: local.Logging.None,
        addPreviousOutputInEnv: false,
      },
      { parent: this, additionalSecretOutputs: ["stdout", "stderr", "environment"] },
    );
    this.checks = pulumi.unsecret(command.stdout.apply(checksOf));
    this.registerOutputs({ checks: this.checks, hash: this.hash });
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

const idOf = (given: pulumi.Input<string> | pulumi.CustomResource): pulumi.Output<string> =>
  pulumi.output(pulumi.CustomResource.isInstance(given) ? given.id : given);

const lastOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** Keeps only names and results. Addresses and messages stay in the secret outputs. */
function checksOf(stdout: string): SmokeTestCheck[] {
  const { checks } = JSON.parse(stdout) as { checks: SmokeTestCheck[] };
  return checks.map(({ name, ok, skipped, ms }) => ({ name, ok, ...(skipped ? { skipped } : {}), ms }));
}
