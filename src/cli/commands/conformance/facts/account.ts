import { area, docs, refusal } from "../fact";
import { absent } from "../terms";

const APPLICATIONS = "api:/Applications.json";

/** The account, its keys and its texts. */
export const accountFacts = area("account", "iam/api/account", [
  {
    id: "properties",
    says: "An account has a status, a type and an owner",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const { body } = await lab.get("api:.json");
      lab.keys(body, "sid", "friendly_name", "owner_account_sid", "date_created", "uri", "subresource_uris");
      lab.has(body, { status: "active", type: /^(Trial|Full)$/ });
    },
  },
  {
    id: "balance",
    says: "A balance is a text with a number, and has a currency",
    certainty: "specified",
    needs: "read",
    source: docs("usage/api/account-balance"),
    check: async (lab) => lab.has((await lab.get("api:/Balance.json")).body, { balance: /^-?\d+(\.\d+)?$/, currency: /^[A-Z]{3}$/ }),
  },
  {
    id: "keys",
    says: "A key in a list has a name and dates, and no secret",
    certainty: "specified",
    needs: "read",
    source: docs("iam/api-keys/key-resource-v2010"),
    check: async (lab) => {
      const { body } = await lab.get("api:/Keys.json");
      lab.keys(body, "keys");
      for (const key of body.keys as object[]) lab.has(key, { secret: undefined });
    },
  },
  refusal({
    id: "key-name-too-long",
    code: 70001,
    certainty: "observed",
    says: "The name of a key has at most 64 characters",
    path: "api:/Keys.json",
    form: { FriendlyName: "x".repeat(65) },
  }),
  refusal({
    id: "iam-without-account",
    code: 20001,
    certainty: "observed",
    says: "IAM lists keys of a named account only",
    method: "GET",
    path: "iam:/v1/Keys",
  }),
  {
    id: "credential-without-secret",
    says: "A credential for FCM needs a secret, and the error names it (400, 20001)",
    certainty: "observed",
    needs: "read",
    source: docs("conversations/api/credential-resource"),
    check: (lab) => lab.refuses({ code: 20001, status: 400, path: "/v1/Credentials", form: { Type: "fcm", FriendlyName: lab.name } }),
  },
  refusal({ id: "text-without-to", code: 21604, says: "A text needs a recipient", path: "api:/Messages.json", form: { Body: "x" } }),
  refusal({
    id: "text-without-from",
    code: 21603,
    says: "A text needs a sender",
    path: "api:/Messages.json",
    form: { To: "+12025550147", Body: "x" },
  }),
  refusal({
    id: "text-unknown",
    code: 20404,
    status: 404,
    says: "An unknown text is not found",
    method: "GET",
    path: `api:/Messages/${absent("SM")}.json`,
  }),
]);

/** TwiML applications. */
export const applicationFacts = area("applications", "usage/api/applications", [
  {
    id: "create",
    says: "A new application has no URLs, and its methods are POST (201)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post(APPLICATIONS, { FriendlyName: lab.name });
      lab.status(answer, 201);
      lab.has(answer.body, { voice_url: null, sms_url: null, voice_method: "POST", sms_method: "POST", api_version: "2010-04-01" });
    },
  },
  {
    id: "update",
    says: "An application is updated with POST (200)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(APPLICATIONS, { FriendlyName: lab.name });
      const answer = await lab.post(path, { SmsUrl: "https://example.com/sms" });
      lab.status(answer, 200);
      lab.has(answer.body, { sms_url: "https://example.com/sms" });
    },
  },
  {
    id: "filter",
    says: "Applications can be filtered by their whole name",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      await lab.create(APPLICATIONS, { FriendlyName: lab.name });
      const found = (await lab.get(APPLICATIONS, { FriendlyName: lab.name })).body.applications as { friendly_name: string }[];
      lab.expect("names", [...new Set(found.map((one) => one.friendly_name))], [lab.name]);
    },
  },
  {
    id: "delete",
    says: "The delete of an application returns 204; then it is not found",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(APPLICATIONS, { FriendlyName: lab.name });
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(path), 404);
    },
  },
  refusal({ id: "voice-url-invalid", code: 21402, says: "A voice URL must be a URL", path: APPLICATIONS, form: { VoiceUrl: "x" } }),
  refusal({
    id: "voice-method-invalid",
    code: 21403,
    says: "A voice method is GET or POST",
    path: APPLICATIONS,
    form: { VoiceMethod: "PUT" },
  }),
  refusal({
    id: "voice-fallback-alone",
    code: 21405,
    says: "A fallback URL for voice needs a URL",
    path: APPLICATIONS,
    form: { VoiceFallbackUrl: "https://example.com/fallback" },
  }),
  refusal({
    id: "sms-fallback-alone",
    code: 21406,
    says: "A fallback URL for texts needs a URL",
    path: APPLICATIONS,
    form: { SmsFallbackUrl: "https://example.com/fallback" },
  }),
]);
