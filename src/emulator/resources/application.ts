/** TwiML applications (AP): URLs that numbers, browsers and phones share. A number that names one uses its URLs instead of its own. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { inAccount } from "./account";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

type Method = "GET" | "POST";

interface ApplicationSettings {
  friendlyName: string;
  apiVersion: string;
  voiceUrl: string | null;
  voiceMethod: Method;
  voiceFallbackUrl: string | null;
  voiceFallbackMethod: Method;
  statusCallback: string | null;
  statusCallbackMethod: Method;
  voiceCallerIdLookup: boolean;
  smsUrl: string | null;
  smsMethod: Method;
  smsFallbackUrl: string | null;
  smsFallbackMethod: Method;
  messageStatusCallback: string | null;
  publicApplicationConnectEnabled: boolean;
}

export interface ApplicationRecord extends Base, ApplicationSettings {}

export const applicationTable = defineTable<ApplicationRecord>()({
  name: "applications",
  sidPrefix: "AP",
  indexes: { account: (application) => application.accountSid },
});

const METHODS = ["GET", "POST"] as const;

function voiceUrlIn(params: Params): string | null | undefined {
  const text = params.text("VoiceUrl");
  if (text && !/^https?:\/\/./i.test(text)) throw fail(21402);
  return params.url("VoiceUrl");
}

function voiceMethodIn(params: Params): Method | undefined {
  const text = params.text("VoiceMethod");
  if (text !== undefined && !/^(GET|POST)$/i.test(text)) throw fail(21403);
  return params.word("VoiceMethod", METHODS);
}

function readSettings(params: Params): Partial<ApplicationSettings> {
  const friendlyName = params.text("FriendlyName");
  return given<ApplicationSettings>({
    friendlyName: friendlyName === undefined ? undefined : checkLength(friendlyName, 64, 20002),
    apiVersion: params.word("ApiVersion", ["2010-04-01", "2008-08-01"]),
    voiceUrl: voiceUrlIn(params),
    voiceMethod: voiceMethodIn(params),
    voiceFallbackUrl: params.url("VoiceFallbackUrl"),
    voiceFallbackMethod: params.word("VoiceFallbackMethod", METHODS),
    statusCallback: params.url("StatusCallback"),
    statusCallbackMethod: params.word("StatusCallbackMethod", METHODS),
    voiceCallerIdLookup: params.boolean("VoiceCallerIdLookup"),
    smsUrl: params.url("SmsUrl"),
    smsMethod: params.word("SmsMethod", METHODS),
    smsFallbackUrl: params.url("SmsFallbackUrl"),
    smsFallbackMethod: params.word("SmsFallbackMethod", METHODS),
    // The older parameter is another name of the same property.
    messageStatusCallback: params.url(params.has("MessageStatusCallback") ? "MessageStatusCallback" : "SmsStatusCallback"),
    publicApplicationConnectEnabled: params.boolean("PublicApplicationConnectEnabled"),
  });
}

const DEFAULTS: ApplicationSettings = {
  friendlyName: "",
  apiVersion: "2010-04-01",
  voiceUrl: null,
  voiceMethod: "POST",
  voiceFallbackUrl: null,
  voiceFallbackMethod: "POST",
  statusCallback: null,
  statusCallbackMethod: "POST",
  voiceCallerIdLookup: false,
  smsUrl: null,
  smsMethod: "POST",
  smsFallbackUrl: null,
  smsFallbackMethod: "POST",
  messageStatusCallback: null,
  publicApplicationConnectEnabled: false,
};

/** Returns the settings, or fails if a fallback has no URL that it replaces. */
function verified<S extends ApplicationSettings>(settings: S): S {
  if (settings.voiceFallbackUrl && !settings.voiceUrl) throw fail(21405);
  if (settings.smsFallbackUrl && !settings.smsUrl) throw fail(21406);
  return settings;
}

const createApplication = (scope: Scope, params: Params): ApplicationRecord =>
  applicationTable.insert(scope, verified({ ...DEFAULTS, ...readSettings(params) }));

function updateApplication(scope: Scope, application: ApplicationRecord, params: Params): ApplicationRecord {
  return applicationTable.update(
    scope,
    application,
    verified({ ...application, ...readSettings(params), dateUpdated: scope.domain.now() }),
  );
}

function listApplications(scope: Scope, params: Params): ApplicationRecord[] {
  const friendlyName = params.text("FriendlyName");
  const all = applicationTable.in(scope.domain).by.account(scope.accountSid);
  return all.filter((application) => !friendlyName || application.friendlyName === friendlyName);
}

const applicationBody = (application: ApplicationRecord) => ({
  sid: application.sid,
  account_sid: application.accountSid,
  friendly_name: application.friendlyName,
  api_version: application.apiVersion,
  voice_url: application.voiceUrl,
  voice_method: application.voiceMethod,
  voice_fallback_url: application.voiceFallbackUrl,
  voice_fallback_method: application.voiceFallbackMethod,
  status_callback: application.statusCallback,
  status_callback_method: application.statusCallbackMethod,
  voice_caller_id_lookup: application.voiceCallerIdLookup,
  sms_url: application.smsUrl,
  sms_method: application.smsMethod,
  sms_fallback_url: application.smsFallbackUrl,
  sms_fallback_method: application.smsFallbackMethod,
  sms_status_callback: application.messageStatusCallback,
  message_status_callback: application.messageStatusCallback,
  public_application_connect_enabled: application.publicApplicationConnectEnabled,
  date_created: rfc2822Date(application.dateCreated),
  date_updated: rfc2822Date(application.dateUpdated),
  uri: `/2010-04-01/Accounts/${application.accountSid}/Applications/${application.sid}.json`,
});

export const applicationEndpoints: Endpoints = {
  tables: [applicationTable],
  routes: {
    api: crudRoutes(inAccount, {
      path: "/Applications",
      id: "ApplicationSid",
      key: "applications",
      list: ({ scope, params }) => listApplications(scope, params),
      body: applicationBody,
      create: ({ scope, params }) => createApplication(scope, params),
      fetch: ({ scope }, sid) => applicationTable.fetch(scope, sid),
      update: (application, { scope, params }) => updateApplication(scope, application, params),
      // A number that names it keeps the SID (inferred).
      remove: (application, { scope }) => applicationTable.remove(scope, application),
    }),
  },
};
