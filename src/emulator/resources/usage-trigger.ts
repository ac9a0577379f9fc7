/** Usage triggers (UT): webhooks for an amount of usage. The emulator keeps them, and none ever fires. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { invalidParameter } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { inAccount } from "./account";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

const METHODS = ["GET", "POST"] as const;
const RECURRING = ["daily", "monthly", "yearly", "alltime"] as const;
const FIELDS = ["count", "usage", "price"] as const;

interface UsageTriggerSettings {
  friendlyName: string | null;
  callbackUrl: string;
  callbackMethod: (typeof METHODS)[number];
}

interface UsageTriggerRecord extends Base, UsageTriggerSettings {
  category: string;
  value: string;
  /** Null for a trigger that fires once, as documented; the schema allows no null. */
  recurring: (typeof RECURRING)[number] | null;
  by: (typeof FIELDS)[number];
}

const usageTriggerTable = defineTable<UsageTriggerRecord>()({
  name: "usageTriggers",
  sidPrefix: "UT",
  indexes: { account: (trigger) => trigger.accountSid },
  references: { accounts: { by: "account", onDelete: "cascade" } },
});

/** The properties that can change. */
function readSettings(params: Params): Partial<UsageTriggerSettings> {
  const callbackUrl = params.url("CallbackUrl");
  if (callbackUrl === null) throw invalidParameter("CallbackUrl", "");
  const friendlyName = params.nullable("FriendlyName");
  return given<UsageTriggerSettings>({
    friendlyName: friendlyName ? checkLength(friendlyName, 64, 20002) : friendlyName,
    callbackUrl,
    callbackMethod: params.word("CallbackMethod", METHODS),
  });
}

function createTrigger(scope: Scope, params: Params): UsageTriggerRecord {
  const { callbackUrl, ...settings } = readSettings(params);
  const [value, category] = [params.text("TriggerValue") ?? "", params.text("UsageCategory") ?? ""];
  if (callbackUrl === undefined) throw invalidParameter("CallbackUrl", "");
  // A plus means: this much more than now.
  if (!/^\+?\d+(\.\d+)?$/.test(value)) throw invalidParameter("TriggerValue", value);
  if (!/^[a-z][a-z0-9-]*$/.test(category)) throw invalidParameter("UsageCategory", category);
  return usageTriggerTable.insert(scope, {
    friendlyName: null,
    callbackMethod: "POST",
    ...settings,
    callbackUrl,
    category,
    value: value.replace("+", ""),
    recurring: params.word("Recurring", RECURRING) ?? null,
    by: params.word("TriggerBy", FIELDS) ?? "usage",
  });
}

function listTriggers(scope: Scope, params: Params): UsageTriggerRecord[] {
  const recurring = params.word("Recurring", RECURRING);
  const by = params.word("TriggerBy", FIELDS);
  const category = params.text("UsageCategory");
  return usageTriggerTable
    .in(scope.domain)
    .by.account(scope.accountSid)
    .filter((trigger) => (!recurring || trigger.recurring === recurring) && (!by || trigger.by === by))
    .filter((trigger) => !category || trigger.category === category);
}

function triggerBody(trigger: UsageTriggerRecord) {
  const path = `/2010-04-01/Accounts/${trigger.accountSid}/Usage`;
  return {
    sid: trigger.sid,
    account_sid: trigger.accountSid,
    api_version: "2010-04-01",
    friendly_name: trigger.friendlyName,
    callback_url: trigger.callbackUrl,
    callback_method: trigger.callbackMethod,
    current_value: "0",
    trigger_value: trigger.value,
    trigger_by: trigger.by,
    usage_category: trigger.category,
    recurring: trigger.recurring,
    date_fired: null,
    date_created: rfc2822Date(trigger.dateCreated),
    date_updated: rfc2822Date(trigger.dateUpdated),
    uri: `${path}/Triggers/${trigger.sid}.json`,
    usage_record_uri: `${path}/Records.json?Category=${trigger.category}`,
  };
}

export const usageTriggerEndpoints: Endpoints = {
  tables: [usageTriggerTable],
  routes: {
    api: crudRoutes(inAccount, {
      path: "/Usage/Triggers",
      id: "TriggerSid",
      key: "usage_triggers",
      list: ({ scope, params }) => listTriggers(scope, params),
      body: triggerBody,
      create: ({ scope, params }) => createTrigger(scope, params),
      fetch: ({ scope }, sid) => usageTriggerTable.fetch(scope, sid),
      update: (trigger, { scope, params }) => usageTriggerTable.update(scope, trigger, readSettings(params)),
      remove: (trigger, { scope }) => usageTriggerTable.remove(scope, trigger),
    }),
  },
};
