import * as pulumi from "@pulumi/pulumi";
import { redactor } from "../process/redact";

/** Credentials of one account: with an auth token, or with an API key and its secret. */
export interface TwilioProviderArgs {
  /** The account, `AC…`; also that of a subaccount made in the same run. */
  accountSid: pulumi.Input<string>;
  /** Its auth token. Kept as a secret. */
  authToken?: pulumi.Input<string>;
  /** An API key of it, `SK…`, in place of the auth token. */
  apiKey?: pulumi.Input<string>;
  /** The key's secret. Kept as a secret. */
  apiSecret?: pulumi.Input<string>;
  /** Twilio region, such as `ie1`. Default: `us1`. */
  region?: pulumi.Input<string>;
  /** Twilio edge, such as `dublin`. Default: chosen by Twilio. */
  edge?: pulumi.Input<string>;
  /** In place of `https://<product>.twilio.com`. Default: the stack's `twilio:baseUrl`. */
  baseUrl?: pulumi.Input<string>;
  /** How many requests run at once. Default: the stack's `twilio:maxConcurrency`, else 10. */
  maxConcurrency?: pulumi.Input<number>;
  /** How long one request may take, in whole seconds. Default: the stack's `twilio:callTimeout`, else 30. */
  callTimeout?: pulumi.Input<number>;
  /**
   * How long one operation on one resource may take with all its requests, repetitions and waits, in whole seconds. Default: the stack's
   * `twilio:operationTimeout`, else 300.
   */
  operationTimeout?: pulumi.Input<number>;
}

/**
 * An account other than the stack's own, for the resources that are given it as `provider`.
 *
 * @example
 * const sub = new TwilioProvider("sub", { accountSid: config.require("subSid"), authToken: config.requireSecret("subToken") });
 * new ConversationService("support", { friendlyName: "Support" }, { provider: sub });
 */
export class TwilioProvider extends pulumi.ProviderResource {
  constructor(name: string, args: TwilioProviderArgs, options?: pulumi.ResourceOptions) {
    // The engine hands such a provider its own inputs in place of the stack's configuration.
    const stack = new pulumi.Config("twilio");
    const inherited = {
      backend: stack.get("backend"),
      stateDir: stack.get("stateDir"),
      baseUrl: stack.get("baseUrl"),
      maxConcurrency: stack.get("maxConcurrency"),
      callTimeout: stack.get("callTimeout"),
      operationTimeout: stack.get("operationTimeout"),
    };
    const secrets = {
      ...(args.authToken === undefined ? {} : { authToken: pulumi.secret(args.authToken) }),
      ...(args.apiSecret === undefined ? {} : { apiSecret: pulumi.secret(args.apiSecret) }),
    };
    for (const secret of [args.authToken, args.apiSecret]) if (secret !== undefined) keepFromLog(secret, args.apiKey ?? args.accountSid);
    const settings = { ...inherited, ...defined(args), ...secrets, provider: name };
    super("pulumi-nodejs", name, Object.fromEntries(Object.entries(settings).map(([key, value]) => [`twilio:${key}`, value])), options);
  }
}

const defined = (args: object) => Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));

const { debug } = pulumi.log;
const redactors: ((text: string) => string)[] = [];

/**
 * The SDK writes what the engine answers to a registration into a debug message, secrets in clear, and the engine hands all of those on in its
 * events, also without --debug. It takes out only what the stack's configuration holds.
 */
export function keepFromLog(secret: pulumi.Input<string>, username: pulumi.Input<string>): void {
  pulumi.all([secret, username]).apply(([known, user]) => redactors.push(redactor([known], user)));
  Object.assign(pulumi.log, {
    debug: (message: string, ...rest: [pulumi.Resource?, number?, boolean?]) =>
      debug(
        redactors.reduce((text, redact) => redact(text), message),
        ...rest,
      ),
  });
}
