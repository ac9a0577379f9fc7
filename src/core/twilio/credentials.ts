import { checkAddress, checkBaseUrls, withoutSlash } from "./address";
import { UsageError, usageError } from "./errors";
import { type CredentialValues, type ProfileSource, readProfile } from "./profile";
import { isSidOf } from "./sid";

/** An API key and its secret. */
export interface SigningKey {
  /** `SK…` */
  readonly sid: string;
  readonly secret: string;
}

/** Complete credentials, all from one source. */
export interface Credentials {
  readonly accountSid: string;
  readonly username: string;
  readonly password: string;
  /** Signs access tokens. Unset for an auth token, which cannot sign. */
  readonly signingKey?: SigningKey;
  /** The source, as error messages name it. */
  readonly source: string;
  readonly region?: string;
  readonly edge?: string;
  /** Where requests go instead of `https://<product>.twilio.com`. It comes from the same source, so that nothing else can redirect the credentials. */
  readonly baseUrl?: string;
}

/** Where credentials are looked for. */
export interface CredentialSources extends ProfileSource {
  /** Reads a key of the stack's configuration or of an explicit provider, such as `twilio:accountSid`. */
  readonly config: (key: string) => string | undefined;
}

const noneFound = "no Twilio credentials found";
const possibleSources = [
  "Set one of:",
  "  pulumi config set twilio:accountSid AC… && pulumi config set --secret twilio:authToken …",
  "  TWILIO_ACCOUNT_SID with TWILIO_API_KEY and TWILIO_API_SECRET (or TWILIO_AUTH_TOKEN) in the environment",
  "  TWILIO_PROFILE, the name of a profile of the Twilio CLI",
  "or work without an account: pulumi config set twilio:backend emulator",
].join("\n");

/** The error of a stack without any credentials. */
export const noCredentials = `${noneFound}. ${possibleSources}`;

/** The credentials of the first source that has any. */
export function findCredentials(sources: CredentialSources): Credentials {
  const { config, env } = sources;
  const found =
    configuredCredentials(config) ??
    profileCredentials(sources, config("twilio:profile"), "twilio:profile", config("twilio:baseUrl")) ??
    environmentCredentials(env) ??
    profileCredentials(sources, env.TWILIO_PROFILE, "TWILIO_PROFILE", env.TWILIO_BASE_URL);
  if (!found) throw usageError(noneFound, possibleSources);
  checkBaseUrls(sources, found);
  const region = found.region ?? (config("twilio:region") || env.TWILIO_REGION);
  const edge = found.edge ?? (config("twilio:edge") || env.TWILIO_EDGE);
  const placed = { ...found, ...(region ? { region } : {}), ...(edge ? { edge } : {}) };
  checkAddress(placed);
  return placed;
}

/** The credentials of an explicit provider or of the stack's configuration. */
export function configuredCredentials(config: CredentialSources["config"]): Credentials | undefined {
  const provider = config("twilio:provider");
  const get = (name: string) => config(`twilio:${name}`);
  const values = {
    accountSid: get("accountSid"),
    authToken: get("authToken"),
    apiKey: get("apiKey"),
    apiSecret: get("apiSecret"),
    region: get("region"),
    edge: get("edge"),
    baseUrl: get("baseUrl"),
  };
  return provider
    ? completed(values, `the provider "${provider}"`, (name) => name)
    : completed(values, "the stack's configuration", (name) => `twilio:${name}`);
}

function environmentCredentials(env: CredentialSources["env"]): Credentials | undefined {
  const values = {
    accountSid: env.TWILIO_ACCOUNT_SID,
    authToken: env.TWILIO_AUTH_TOKEN,
    apiKey: env.TWILIO_API_KEY,
    apiSecret: env.TWILIO_API_SECRET,
    region: env.TWILIO_REGION,
    edge: env.TWILIO_EDGE,
    baseUrl: env.TWILIO_BASE_URL,
  };
  return completed(values, "the environment", (name) => `TWILIO_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`);
}

/** A profile has no base URL; the one next to its name applies. */
function profileCredentials(
  sources: ProfileSource,
  name: string | undefined,
  setting: string,
  baseUrl: string | undefined,
): Credentials | undefined {
  if (!name) return undefined;
  return completed({ ...readProfile(sources, name, setting), baseUrl }, `the profile "${name}" of the Twilio CLI`, (key) => key);
}

/** A value that comes from a file or a command often ends with a line break, which no credential contains. */
const trimmed = (values: CredentialValues): CredentialValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value]));

/** Credentials from the values of one source; `undefined` if it has none. An error names the missing values as that source spells them. */
function completed(values: CredentialValues, source: string, spell: (name: string) => string): Credentials | undefined {
  const { accountSid, authToken, apiKey, apiSecret, region, edge, baseUrl } = trimmed(values);
  if (!accountSid && !authToken && !apiKey && !apiSecret) return undefined;
  const missing: string[] = [];
  if (!accountSid) missing.push(spell("accountSid"));
  if (apiKey && !apiSecret) missing.push(spell("apiSecret"));
  if (apiSecret && !apiKey) missing.push(spell("apiKey"));
  if (!authToken && !apiKey && !apiSecret) missing.push(`${spell("authToken")} (or ${spell("apiKey")} and ${spell("apiSecret")})`);
  if (missing.length > 0) {
    throw usageError(
      `incomplete credentials in ${source}: ${missing.join(" and ")} is missing`,
      "Set it there, or remove the other credentials there; credentials from different sources are never combined.",
    );
  }
  const sid = accountSid as string;
  // The value is not quoted, because it may be a secret in the wrong place.
  if (!isSidOf("AC", sid)) {
    const hint = sid.startsWith("SK") ? `. For an API key, use ${spell("apiKey")}` : "";
    throw new UsageError(`${spell("accountSid")} in ${source} must be an account SID: AC and 32 hex digits${hint}.`);
  }
  const signingKey = apiKey && apiSecret ? { sid: apiKey, secret: apiSecret } : undefined;
  const [username, password] = signingKey ? [signingKey.sid, signingKey.secret] : [sid, authToken as string];
  return {
    accountSid: sid,
    username,
    password,
    source,
    ...(signingKey ? { signingKey } : {}),
    ...(region ? { region } : {}),
    ...(edge ? { edge } : {}),
    ...(baseUrl ? { baseUrl: withoutSlash(baseUrl) } : {}),
  };
}
