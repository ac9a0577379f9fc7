/** Credentials (CR): what Twilio needs to send push notifications. The emulator sends none, and stores no secret. */
import { isoDate } from "../dates";
import { type Base, defineTable } from "../domain";
import { fail } from "../errors";
import { crudRoutes, v1Root } from "../http/crud";
import { given, type Params } from "../http/params";
import type { Call } from "../http/router";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";
import { CONVERSATIONS_HOST } from "./service";

type PushType = "apn" | "fcm" | "gcm";

interface PushCredentialRecord extends Base {
  friendlyName: string;
  type: PushType;
  sandbox: boolean;
}

const pushCredentialTable = defineTable<PushCredentialRecord>()({
  name: "pushCredentials",
  sidPrefix: "CR",
  indexes: { account: (credential) => credential.accountSid },
});

const TYPES = ["apn", "fcm", "gcm"] as const;

const SECRETS: Record<PushType, readonly string[]> = { apn: ["Certificate", "PrivateKey"], fcm: ["Secret"], gcm: ["ApiKey"] };

/** A new credential, or one that changes its type, needs the secrets of that type. */
function verifySecrets(params: Params, type: PushType, attempt: "create" | "update"): void {
  const missing = SECRETS[type].find((name) => !params.text(name));
  if (missing) throw fail(20001, { what: `Cannot ${attempt} credentials record. '${missing}' must be present` });
}

function createPushCredential({ scope, params }: Call): PushCredentialRecord {
  const type = params.word("Type", TYPES);
  if (!type) throw fail(20001, { what: "Missing required parameter Type in the post body" });
  verifySecrets(params, type, "create");
  return pushCredentialTable.insert(scope, {
    friendlyName: checkLength(params.text("FriendlyName") ?? "", 64, 50003),
    type,
    sandbox: params.boolean("Sandbox") ?? false,
  });
}

function updatePushCredential(credential: PushCredentialRecord, { scope, params }: Call): PushCredentialRecord {
  const friendlyName = params.text("FriendlyName");
  const type = params.word("Type", TYPES);
  if (type !== undefined && type !== credential.type) verifySecrets(params, type, "update");
  const named = friendlyName === undefined ? undefined : checkLength(friendlyName, 64, 50003);
  const changes = given<PushCredentialRecord>({ friendlyName: named, type, sandbox: params.boolean("Sandbox") });
  return pushCredentialTable.update(scope, credential, changes);
}

const pushCredentialBody = (credential: PushCredentialRecord) => ({
  sid: credential.sid,
  account_sid: credential.accountSid,
  friendly_name: credential.friendlyName === "" ? null : credential.friendlyName,
  type: credential.type,
  // A string, in this case.
  sandbox: credential.sandbox ? "True" : "False",
  date_created: isoDate(credential.dateCreated),
  date_updated: isoDate(credential.dateUpdated),
  url: `${CONVERSATIONS_HOST}/v1/Credentials/${credential.sid}`,
});

export const pushCredentialEndpoints: Endpoints = {
  tables: [pushCredentialTable],
  routes: {
    conversations: crudRoutes(v1Root(CONVERSATIONS_HOST), {
      path: "/Credentials",
      id: "CredentialSid",
      key: "credentials",
      list: ({ scope }) => pushCredentialTable.in(scope.domain).by.account(scope.accountSid),
      body: pushCredentialBody,
      create: createPushCredential,
      fetch: ({ scope }, sid) => pushCredentialTable.fetch(scope, sid),
      update: updatePushCredential,
      remove: (credential, { scope }) => pushCredentialTable.remove(scope, credential),
    }),
  },
};
