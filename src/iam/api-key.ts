import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Change, Context, Definition } from "../core/lifecycle/definition";
import { items, text } from "../core/lifecycle/formats";
import { deletePolicy } from "../core/lifecycle/parents";
import { logPermissionChange } from "../core/lifecycle/permission-change";
import { get, isUnknown } from "../core/lifecycle/props";
import { resourceClass } from "../core/registration/resource";
import { UsageError } from "../core/twilio/errors";
import type { Body } from "../core/twilio/twilio";
import { apiKeyFacts } from "./api-key-facts";
import type { KeyPermission } from "./key-permissions";
import { mintsFullAccess, permission, policyCodec, withoutThose } from "./key-permissions";

/** What a restricted key may do. */
export interface KeyPolicy {
  /**
   * 1 to 100 permissions, in any order: `/twilio/messaging/messages/read`. Twilio refuses one that does not exist (70002). Updated in place: the
   * preview names the permissions that are gained and lost.
   */
  allow: Input<Input<KeyPermission | (string & {})>[]>;
}

/**
 * Arguments of an {@link ApiKey}. `adopt` also accepts the exact friendly name, if only one key of the account has it; an adopted key has no
 * `secret`.
 *
 * @see https://www.twilio.com/docs/iam/api-keys/key-resource-v1
 */
export interface ApiKeyArgs extends CommonArgs {
  /** Name in the Console, 1 to 64 characters; need not be unique. Updated in place. */
  friendlyName: Input<string>;
  /**
   * Makes it a restricted key, which may do only this, exists in region us1 only and cannot sign access tokens (20101). Without it, it is a
   * standard key: it may do everything except manage accounts and keys. To add or remove the policy replaces the key.
   */
  policy?: Input<KeyPolicy> | undefined;
  /**
   * Any text, such as a date. A change replaces the key: the new key is created and passed on to what uses `sid` and `secret`, and then the
   * old one is deleted. To declare it for the first time is such a change. It is not sent to Twilio.
   */
  rotate?: Input<string> | undefined;
}

/** What Twilio adds to an {@link ApiKey}. */
export interface ApiKeyOutputs {
  /** `SK` and 32 hex digits: the user name of requests that the key signs. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /**
   * The password of requests that the key signs, as a Pulumi secret. Twilio shows it only when the key is created; from then on, only the
   * stack's state has it. `undefined` for a key that was adopted or read with `ApiKey.get`.
   */
  secret: string | undefined;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const apiKey: Definition = define<ApiKeyArgs, ApiKeyOutputs>({
  type: "twilio/iam:ApiKey",
  product: "iam",
  sid: "SK",
  path: () => "/v1/Keys",
  list: { key: "keys", by: ["friendlyName"], name: "friendlyName", allowsDuplicates: () => true },
  facts: apiKeyFacts,
  fields: {
    friendlyName: { required: true, format: text({ min: 1, max: 64 }) },
    "policy.allow": {
      type: policyCodec,
      wire: "Policy",
      createOnly: "presence",
      format: items(permission, { min: 1, max: 100 }),
    },
    rotate: { local: "replace" },
  },
  outputs: { secret: "secret" },
  secretOutputs: ["secret"],

  listQuery: (AccountSid) => ({ AccountSid }),
  createForm: (form, { policy }, { twilio }) => ({
    ...form,
    AccountSid: twilio.accountSid,
    ...(policy === undefined ? {} : { KeyType: "restricted" }),
  }),
  complete: withPolicy,
  isUseless: ({ secret }) => (secret === undefined ? "only the response that was lost had its secret" : undefined),

  validate: ({ policy }) =>
    policy !== undefined && !isUnknown(policy) && allowOf({ policy }) === undefined
      ? [{ property: "policy.allow", reason: "is missing: a policy must list the permissions of the key" }]
      : [],

  async resolveInputs(news, olds, context) {
    const added = mintsFullAccess(withoutThose(known(news), known(olds)));
    if (added.length > 0)
      context.log(
        "warn",
        `\`policy.allow\` contains ${added.join(", ")}: with it, the key can create a standard key, which may do everything except manage ` +
          "accounts and keys. Leave it out unless the key is trusted with the whole account.",
      );
    return news;
  },

  refuse: refuseOwn,
  beforeDelete: async (id, _props, context) => {
    const reason = reasonToKeep(id, context);
    if (reason !== undefined)
      throw new UsageError(`${reason} Nothing was deleted. Run it with other credentials, or set onDelete: "retain".`);
    return undefined;
  },
});

const allowOf = (props: unknown): unknown => get(props, "policy.allow");

/** The permissions that are known already. */
function known(props: unknown): string[] {
  const allow = allowOf(props);
  return Array.isArray(allow) ? allow.filter((one) => typeof one === "string" && !isUnknown(one)) : [];
}

/** A list leaves the policies out. */
async function withPolicy(body: Body, { twilio }: Context): Promise<Body> {
  if ("policy" in body) return body;
  const attempt = `Cannot read the policy of ApiKey ${body.sid}`;
  return { ...body, ...(await twilio.send({ attempt, product: "iam", method: "get", path: `/v1/Keys/${body.sid}` })) };
}

/** Why a key must not be deleted now: the rest of the run would have no credentials. */
function reasonToKeep(id: string, { twilio }: Context): string | undefined {
  return twilio.apiKey === id
    ? `ApiKey ${id} is the key with which the provider signs in: without it, the run could not continue.`
    : undefined;
}

function refuseOwn({ definition, id, olds, news, changed, replaces }: Change, context: Context): void {
  if (changed.includes("policy.allow") && !replaces.includes("policy.allow")) {
    const permissions = [allowOf(olds), allowOf(news)] as [string[] | undefined, string[] | undefined];
    logPermissionChange(`ApiKey ${id}`, permissions, withoutThose, context);
  }
  if (replaces.length === 0 || deletePolicy(definition, olds) === "retain") return;
  const reason = reasonToKeep(id, context);
  if (reason === undefined) return;
  throw new UsageError(
    `${reason} To replace it, run \`pulumi up\` with other credentials, such as the account's auth token, and then use the new key.`,
    replaces[0],
  );
}

/**
 * A key with which a program or a person signs in to Twilio instead of with the account's auth token, and which can be deleted alone. A standard
 * key also signs access tokens; deleting it ends them. Twilio lets only the auth token, a main key or a restricted key with the permissions
 * `/twilio/iam/api-keys/…` manage keys.
 *
 * @example
 * const texts = new ApiKey("texts", { friendlyName: "texts", policy: { allow: ["/twilio/messaging/messages/create"] }, rotate: "2026-01" });
 * export const sid = texts.sid;
 * export const secret = texts.secret;
 *
 * @see https://www.twilio.com/docs/iam/api-keys
 */
export class ApiKey extends resourceClass<ApiKeyArgs, ApiKeyOutputs>(apiKey) {}
