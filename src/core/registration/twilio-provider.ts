import * as pulumi from "@pulumi/pulumi";
import { redactCredential } from "./log-redaction";

/** Credentials for one account: an auth token, or an API key with its secret. */
export interface TwilioProviderArgs {
  /** The account, `AC…`. It may be a subaccount that the same run creates. */
  accountSid: pulumi.Input<string>;
  /** The account's auth token. Stored as a secret. It may be that of a `Subaccount`. */
  authToken?: pulumi.Input<string | undefined> | undefined;
  /** An API key of the account, `SK…`, instead of the auth token. */
  apiKey?: pulumi.Input<string> | undefined;
  /** The key's secret, such as the `secret` of an ApiKey that the same run creates. Stored as a secret. */
  apiSecret?: pulumi.Input<string | undefined> | undefined;
  /** Twilio region, such as `ie1`. Default: `us1`. */
  region?: pulumi.Input<string> | undefined;
  /** Twilio edge, such as `dublin`. Default: chosen by Twilio. */
  edge?: pulumi.Input<string> | undefined;
  /** Replaces `https://<product>.twilio.com`. Default: the stack's `twilio:baseUrl`, never `TWILIO_BASE_URL`. */
  baseUrl?: pulumi.Input<string> | undefined;
  /** How many requests may run at once. Default: the stack's `twilio:maxConcurrency`, otherwise 10. */
  maxConcurrency?: pulumi.Input<number> | undefined;
  /** How long one request may take, in whole seconds. Default: the stack's `twilio:callTimeout`, otherwise 30. */
  callTimeout?: pulumi.Input<number> | undefined;
  /**
   * How long one operation on one resource may take, including its requests, retries and waits, in whole seconds. Default: the stack's
   * `twilio:operationTimeout`, otherwise 300.
   */
  operationTimeout?: pulumi.Input<number> | undefined;
  /** Whether previews ask Twilio about the objects that properties name. Default: the stack's `twilio:previewLookups`, otherwise `true`. */
  previewLookups?: pulumi.Input<boolean> | undefined;
}

/**
 * The provider of an account other than the stack's own. Resources use it through the resource option `provider`.
 *
 * @example
 * const sub = new TwilioProvider("sub", { accountSid: config.require("subSid"), authToken: config.requireSecret("subToken") });
 * new ConversationService("support", { friendlyName: "Support" }, { provider: sub });
 */
export class TwilioProvider extends pulumi.ProviderResource {
  constructor(name: string, args: TwilioProviderArgs, options?: pulumi.ResourceOptions) {
    // The engine passes such a provider its own inputs instead of the stack's configuration.
    const stack = new pulumi.Config("twilio");
    const inherited = {
      backend: stack.get("backend"),
      stateDir: stack.get("stateDir"),
      baseUrl: stack.get("baseUrl"),
      maxConcurrency: stack.get("maxConcurrency"),
      callTimeout: stack.get("callTimeout"),
      operationTimeout: stack.get("operationTimeout"),
      previewLookups: stack.get("previewLookups"),
    };
    const secrets = {
      ...(args.authToken === undefined ? {} : { authToken: pulumi.secret(args.authToken) }),
      ...(args.apiSecret === undefined ? {} : { apiSecret: pulumi.secret(args.apiSecret) }),
    };
    for (const secret of [args.authToken, args.apiSecret])
      if (secret !== undefined) redactCredential(secret, args.apiKey ?? args.accountSid);
    const named = { ...inherited, ...defined(args), ...secrets, provider: name };
    const settings = Object.fromEntries(Object.entries(named).map(([key, value]) => [`twilio:${key}`, value]));
    super("pulumi-nodejs", name, settings, options);
    settingsByProvider.set(this, settings);
    const account = accountKey(args, stack);
    if (account !== undefined) accounts.set(this, account);
  }
}

type ProviderSettings = Readonly<Record<string, pulumi.Input<string | number | boolean | undefined>>>;

const settingsByProvider = new WeakMap<pulumi.ProviderResource, ProviderSettings>();

/** The settings of a TwilioProvider by their full keys, `twilio:accountSid`; nothing for another provider. */
export const settingsOf = (provider: pulumi.ProviderResource): ProviderSettings | undefined => settingsByProvider.get(provider);

const accounts = new WeakMap<pulumi.ProviderResource, string>();

/** What two providers have in common if they are of one account; empty for the stack's own. Unless the program knows it, each is of its own. */
export const accountOf = (provider: pulumi.ProviderResource): pulumi.Input<string> => accounts.get(provider) ?? provider.urn;

function accountKey({ accountSid, region, baseUrl }: TwilioProviderArgs, stack: pulumi.Config): string | undefined {
  const { env } = process;
  const url = stack.get("baseUrl") ?? "";
  // An account has other objects in another region or behind another URL.
  const own = [accountSid, region ?? env.TWILIO_REGION ?? "", baseUrl ?? url];
  if (!own.every((part) => typeof part === "string")) return undefined;
  const ofStack = [stack.get("accountSid") ?? env.TWILIO_ACCOUNT_SID, stack.get("region") ?? env.TWILIO_REGION ?? "", url];
  const key = JSON.stringify(own);
  return key === JSON.stringify(ofStack) ? "" : key;
}

const defined = (args: object) => Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
