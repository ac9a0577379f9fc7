import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { keepFromLog } from "../core/registration/twilio-provider";

/** What a {@link ConversationsSmokeTest} tries. */
export interface ConversationsSmokeTestArgs {
  /** The `ConversationService` whose chat is tried, or its id. It belongs to the stack's own account. */
  service: pulumi.Input<string> | pulumi.CustomResource;
  /** Conversations of it, or their ids, that must be open and whose webhooks must answer. Default: none. */
  conversations?: (pulumi.Input<string> | pulumi.CustomResource)[];
  /** What else must be up before the chat is tried: participants, numbers. Default: nothing. */
  resources?: pulumi.CustomResource[];
}

/** One thing that was tried. */
export interface SmokeTestCheck {
  /** `message`, `token`, `conversations` or `webhooks`. */
  name: string;
  ok: boolean;
  /** There was nothing to try it with: without an API key, no token can be made. */
  skipped?: boolean;
  /** How long it took, in milliseconds. */
  ms: number;
}

/** The test as a program for `node -e`: so no shell comes into it, whose quoting differs from system to system. */
const program = (args: readonly string[]): string =>
  `process.argv.push(...${JSON.stringify(args)}); require("pulumi-twilio-conversations/cli")`;

/**
 * Fails the deployment if the chat does not work: once the resources are up, it runs `twilio-conversations verify`, which sends a message,
 * reads it back and removes it, makes and checks an access token, and sees whether the webhooks answer. Nobody is texted. It runs again when
 * one of the resources is another one (its id has changed), or when the stack's `twilio:` configuration has changed.
 *
 * It needs Pulumi's command plugin (`pulumi plugin install resource command 1.2.1`; the engine fetches it by itself where it can). A program
 * that makes no smoke test does not need it.
 *
 * @example
 * new ConversationsSmokeTest("works", { service, conversations: [hello], resources: [number, mobile, pineapple] });
 */
export class ConversationsSmokeTest extends pulumi.ComponentResource {
  /** What was tried when it last ran. */
  readonly checks: pulumi.Output<SmokeTestCheck[]>;
  /** Stands for the ids of all resources that it was given; it runs again when this changes. */
  readonly hash: pulumi.Output<string>;

  constructor(name: string, args: ConversationsSmokeTestArgs, options?: pulumi.ComponentResourceOptions) {
    super("twilio:components:ConversationsSmokeTest", name, {}, options);
    const service = idOf(args.service);
    const conversations = pulumi.all((args.conversations ?? []).map(idOf));
    const others = pulumi.all((args.resources ?? []).map(({ id }) => id));
    this.hash = pulumi.all([service, conversations, others]).apply((ids) => createHash("sha256").update(JSON.stringify(ids)).digest("hex"));

    // Loaded here: a program without a smoke test has no use for it.
    const { local } = require("@pulumi/command") as typeof import("@pulumi/command");
    const settings = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("twilio:"));
    const config = pulumi.secret(JSON.stringify(Object.fromEntries(settings)));
    keepFromLog(config, "");
    const command = new local.Command(
      name,
      {
        interpreter: ["node", "-e"],
        create: pulumi
          .all([service, conversations])
          .apply(([id, ids]) => program(["verify", "--json", "--service", id, ...ids.flatMap((one) => ["--conversation", lastOf(one)])])),
        // As the engine hands configuration to programs. What the environment holds besides, the command inherits.
        environment: { PULUMI_CONFIG: config },
        triggers: [this.hash],
        // All else that it could log or keep would be in clear.
        logging: local.Logging.None,
        addPreviousOutputInEnv: false,
      },
      { parent: this, additionalSecretOutputs: ["stdout", "stderr", "environment"] },
    );
    this.checks = pulumi.unsecret(command.stdout.apply(checksOf));
    this.registerOutputs({ checks: this.checks, hash: this.hash });
  }
}

const idOf = (given: pulumi.Input<string> | pulumi.CustomResource): pulumi.Output<string> =>
  pulumi.output(pulumi.CustomResource.isInstance(given) ? given.id : given);

const lastOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** Names and verdicts alone: addresses and words of others stay where they are secret. */
function checksOf(stdout: string): SmokeTestCheck[] {
  const { checks } = JSON.parse(stdout) as { checks: SmokeTestCheck[] };
  return checks.map(({ name, ok, skipped, ms }) => ({ name, ok, ...(skipped ? { skipped } : {}), ms }));
}
