import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition, Problem } from "../core/lifecycle/definition";
import { text } from "../core/lifecycle/formats";
import { get, isUnknown } from "../core/lifecycle/props";
import { resourceClass } from "../core/registration/resource";
import { pushCredentialFacts } from "./push-credential-facts";
import { certificate, privateKey, serviceAccount } from "./push-secrets";

/** What Twilio needs to send pushes through Apple's service. */
export interface ApnCredential {
  /**
   * The certificate in PEM form. A secret; required, except with `adopt`, which without it leaves the current one. Updated in place, together
   * with the key.
   */
  certificate?: Input<string | undefined> | undefined;
  /** The certificate's private key in PEM form, without a passphrase. A secret; required as `certificate` is. Updated in place. */
  privateKey?: Input<string | undefined> | undefined;
  /** Whether pushes go to Apple's sandbox, which serves development builds of an application. Default: `false`. Updated in place. */
  sandbox?: Input<boolean> | undefined;
}

/** What Twilio needs to send pushes through Firebase Cloud Messaging. */
export interface FcmCredential {
  /**
   * The text of the service account's JSON file, from the Firebase console. A secret; required, except with `adopt`, which without it leaves the
   * current one. Updated in place.
   */
  secret?: Input<string | undefined> | undefined;
}

/**
 * Arguments of a {@link PushCredential}: exactly one of `apn` and `fcm`. `adopt` also accepts the exact friendly name, if only one credential of
 * the account has it.
 *
 * The secrets are in no state: the state has a salted digest of each, so that a change of a secret is an update. Twilio never returns them, so a
 * refresh does not show that somebody has changed one, and it does not verify them: a wrong one shows only when it sends a push (error 52109).
 *
 * @see https://www.twilio.com/docs/conversations/api/credential-resource
 */
export interface PushCredentialArgs extends CommonArgs {
  /** Name in the Console, 1 to 64 characters; need not be unique. Updated in place. */
  friendlyName: Input<string>;
  /** Pushes to iOS. A switch between `apn` and `fcm` is an update in place. */
  apn?: Input<ApnCredential> | undefined;
  /** Pushes to Android and the web, and to iOS through Firebase. A switch between `apn` and `fcm` is an update in place. */
  fcm?: Input<FcmCredential> | undefined;
}

/** What Twilio adds to a {@link PushCredential}. */
export interface PushCredentialOutputs {
  /** `CR` and 32 hex digits: the `push_credential_sid` of the access tokens with which phones register. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** What is declared of Apple's service; digests in place of the secrets. */
  apn: { certificate?: string; privateKey?: string; sandbox?: boolean } | undefined;
  /** What is declared of Firebase; a digest in place of the secret. */
  fcm: { secret?: string } | undefined;
  /** Its address in Twilio's API. */
  url: string;
}

const secrets = { apn: ["apn.certificate", "apn.privateKey"], fcm: ["fcm.secret"] };

/** @internal */
export const pushCredential: Definition = define<PushCredentialArgs, PushCredentialOutputs>({
  type: "twilio/conversations:PushCredential",
  product: "conversations",
  sid: "CR",
  path: () => "/v1/Credentials",
  list: { key: "credentials", by: ["friendlyName"], name: "friendlyName", allowsDuplicates: () => true },
  groups: { names: ["apn", "fcm"], by: "type", switchable: true },
  facts: pushCredentialFacts,
  fields: {
    friendlyName: { required: true, format: text({ min: 1, max: 64 }) },
    "apn.certificate": { type: "secret", from: false, wire: "Certificate", format: certificate },
    "apn.privateKey": { type: "secret", from: false, wire: "PrivateKey", format: privateKey },
    "apn.sandbox": {
      type: "boolean",
      wire: "Sandbox",
      cleared: "false",
      // Twilio writes `"False"`.
      from: ({ sandbox }) => (sandbox === null || sandbox === undefined ? undefined : String(sandbox).toLowerCase() === "true"),
    },
    "fcm.secret": { type: "secret", from: false, wire: "Secret", format: serviceAccount },
  },

  // Only the program knows whether a credential that exists has its secrets already.
  validate: (news) => (news.adopt === undefined ? missingSecrets(news) : []),
});

function missingSecrets(news: object): Problem[] {
  const missing = Object.entries(secrets).flatMap(([group, properties]) =>
    get(news, group) === undefined || isUnknown(get(news, group)) ? [] : properties.filter((property) => get(news, property) === undefined),
  );
  return missing.map((property) => ({
    property,
    reason: "is missing: Twilio needs it to send pushes, and only `adopt` finds one at Twilio",
  }));
}

/**
 * The secrets with which Twilio sends push notifications to an application: a certificate for Apple's service, or a service account of Firebase. It
 * belongs to the account. Phones name it in their access tokens; {@link ConversationServiceNotification} decides what is sent.
 *
 * @example
 * const config = new pulumi.Config();
 * const android = new PushCredential("android", { friendlyName: "Android", fcm: { secret: config.requireSecret("firebase") } });
 * new PushCredential("ios", {
 *   friendlyName: "iOS",
 *   apn: { certificate: config.requireSecret("apnCertificate"), privateKey: config.requireSecret("apnKey") },
 * });
 * export const pushCredentialSid = android.sid;
 *
 * @see https://www.twilio.com/docs/conversations/push-notification-configuration
 */
export class PushCredential extends resourceClass<PushCredentialArgs, PushCredentialOutputs>(pushCredential) {}
