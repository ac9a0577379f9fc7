import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { oneOf, text } from "../core/lifecycle/formats";
import { deletePolicy } from "../core/lifecycle/parents";
import { resourceClass } from "../core/registration/resource";
import { UsageError } from "../core/twilio/errors";
import type { Body } from "../core/twilio/twilio";
import { subaccountFacts } from "./subaccount-facts";
import type { SubaccountStatus } from "./subaccount-status";
import { end, refuseClosing, verifyStatus } from "./subaccount-status";

/**
 * Arguments of a {@link Subaccount}. `adopt` also accepts the exact friendly name, if only one subaccount that is not closed has it.
 *
 * @see https://www.twilio.com/docs/iam/api/account
 */
export interface SubaccountArgs {
  /** Name in the Console, 1 to 64 characters; need not be unique. Updated in place. */
  friendlyName: Input<string>;
  /**
   * `"suspended"` stops all messages and calls, and keeps the numbers, which still cost their monthly price. `"closed"` is final: Twilio releases
   * all numbers, deletes the data 30 days later and never opens the account again; it requires `forceDestroy: true`, and a preview says what is
   * lost. Default: `"active"`; of an adopted subaccount, left as it is. Updated in place.
   */
  status?: Input<SubaccountStatus> | undefined;
  /** Allows `status: "closed"` and `onDelete: "close"`. Default: `false`. A change is recorded in place and sends nothing. */
  forceDestroy?: Input<boolean> | undefined;
  /** Adopts a subaccount that exists: its SID, or its friendly name. Matters at creation only; a later change does nothing. */
  adopt?: CommonArgs["adopt"] | undefined;
  /**
   * What destroying the resource does, because Twilio deletes no account: `"suspend"` suspends it, which can be undone; `"retain"` leaves it as it
   * is; `"close"` closes it for good, and requires `forceDestroy: true`. Default: `"suspend"`, but `"retain"` for an adopted one. A change is
   * recorded in place and sends nothing.
   */
  onDelete?: Input<"suspend" | "retain" | "close"> | undefined;
}

/** What Twilio adds to a {@link Subaccount}. */
export interface SubaccountOutputs {
  /** The subaccount, `AC` and 32 hex digits; also the resource's id. Pass it as `accountSid` of a `TwilioProvider`. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** What it is now. */
  status: SubaccountStatus;
  /**
   * The subaccount's auth token, as a Pulumi secret; pass it to a `TwilioProvider`. A refresh reads it again. `undefined` where Twilio does not
   * tell it: it does so to the parent's auth token only.
   */
  authToken: string | undefined;
  /** Whether Twilio restricts it as a trial account. */
  type: "Trial" | "Full";
}

const accounts = "/2010-04-01/Accounts";

/** @internal */
export const subaccount: Definition = define<SubaccountArgs, SubaccountOutputs>({
  type: "twilio/iam:Subaccount",
  product: "api",
  sid: "AC",
  path: () => accounts,
  list: { key: "accounts", by: ["friendlyName"], name: "friendlyName", allowsDuplicates: () => true },
  onDelete: ["suspend", "retain", "close"],
  facts: subaccountFacts,
  fields: {
    friendlyName: { required: true, format: text({ min: 1, max: 64 }) },
    status: { computed: true, format: oneOf("active", "suspended", "closed") },
    forceDestroy: { type: "boolean", local: "delete" },
  },
  outputs: { authToken: "auth_token", type: "type" },
  secretOutputs: ["authToken"],

  addDefaults: (args) => ({ ...args, ...(args.status === undefined && args.adopt === undefined ? { status: "active" } : {}) }),
  validate: ({ status, adopt }, olds) =>
    status === "closed" && adopt === undefined && Object.keys(olds).length === 0
      ? [{ property: "status", reason: 'must not be "closed" for a new subaccount: it could never be used' }]
      : [],
  async resolveInputs(news, _olds, { twilio }) {
    if (news.adopt === twilio.accountSid)
      throw new UsageError(
        `must be a subaccount; ${twilio.accountSid} is the account of the credentials, and no account manages itself`,
        "adopt",
      );
    return news;
  },
  // Twilio takes a status in updates only.
  createForm: ({ Status: _status, ...form }) => form,
  verifyUpdated: (body, { status }) => verifyStatus(body, status),
  isGone: ({ status }, known) => status === "closed" && known.status !== "closed",

  async findByName(name, _news, { twilio }) {
    const attempt = `Cannot look up Subaccount ${JSON.stringify(name)}`;
    const query = { FriendlyName: name, PageSize: "1000" };
    const found: Body[] = [];
    for await (const account of twilio.list({ attempt, product: "api", path: `${accounts}.json`, query }, "accounts"))
      if (account.sid !== twilio.accountSid && account.status !== "closed" && account.friendly_name === name) found.push(account);
    if (found.length > 1)
      throw new UsageError(
        `${found.length} subaccounts have this name (${found.map(({ sid }) => sid).join(", ")}). Name the right one with adopt: "AC…".`,
        "adopt",
      );
    return found[0];
  },

  refuse: refuseClosing,
  async beforeDelete(id, props, context) {
    await end(id, deletePolicy(subaccount, props) === "close" ? "close" : "suspend", props, context);
    return "keep";
  },
});

/**
 * An account inside the account of the credentials, with numbers, services and an auth token of its own. The same run can use it through a
 * `TwilioProvider`. Only the auth token of the owning account manages subaccounts; an API key does not.
 *
 * @example
 * const sub = new Subaccount("acme", { friendlyName: "Acme" });
 * const provider = new TwilioProvider("acme", { accountSid: sub.sid, authToken: sub.authToken });
 * new ConversationService("support", { friendlyName: "Support" }, { provider });
 *
 * @see https://www.twilio.com/docs/iam/api/subaccounts
 */
export class Subaccount extends resourceClass<SubaccountArgs, SubaccountOutputs>(subaccount) {}
