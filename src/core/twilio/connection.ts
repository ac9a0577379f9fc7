import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "./errors";

/** Where requests go and as whom. The secret stays in this object: it is never put into state, messages or arguments. */
export interface Connection {
  /** `emulator`: the embedded Twilio of this project. `twilio`: the real one, or what `baseUrl` names. */
  readonly backend: "twilio" | "emulator";
  readonly accountSid: string;
  readonly username: string;
  readonly password: string;
  /** What access tokens are signed with. Unset where there is an auth token only, which cannot sign. */
  readonly signingKey?: SigningKey;
  /** Every secret that is known here, used or not: none of them may be told. */
  readonly secrets: readonly string[];
  readonly region?: string;
  readonly edge?: string;
  readonly baseUrl?: string;
  /** What tells this Twilio from others that have an account of the same SID: its region or URL, or the embedded one's folder. */
  readonly place: string;
  readonly maxConcurrency: number;
  /** How long one request may take. */
  readonly callTimeoutMs: number;
  /** How long one operation on one resource may take, with all its requests, repetitions and waits. */
  readonly operationTimeoutMs: number;
  /** Where the credentials come from, in words for the user. */
  readonly source: string;
}

/** An API key and its secret. */
export interface SigningKey {
  /** `SK…` */
  readonly sid: string;
  readonly secret: string;
}

/** What the embedded Twilio is asked for when it is opened. */
export interface Embedded {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Everything around that decides on a connection, so that a test can stand in for it. */
export interface Environment {
  /** A key of the stack's configuration or of an explicit provider, `twilio:accountSid`. */
  readonly config: (key: string) => string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of the operation; the project is looked for from here upwards. */
  readonly cwd: string;
  readonly openEmbedded: (stateDir: string) => Promise<Embedded>;
  /** The text of a profile file of the Twilio CLI. */
  readonly readProfiles?: () => string | undefined;
}

interface Tuple {
  readonly accountSid?: string;
  readonly authToken?: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly region?: string;
  readonly edge?: string;
}

interface Login {
  readonly accountSid: string;
  readonly username: string;
  readonly password: string;
  readonly signingKey?: SigningKey;
  readonly source: string;
  readonly region?: string;
  readonly edge?: string;
}

/**
 * Decides on backend and credentials: explicit provider or stack configuration, then environment, then a profile of the Twilio CLI that is
 * named. Credentials are taken from one of these as a whole; half of them in one place is an error, never completed from another.
 */
export async function connect(environment: Environment): Promise<Connection> {
  const { config, env } = environment;
  const backend = backendOf(config);
  const baseUrl = (config("twilio:baseUrl") ?? env.TWILIO_BASE_URL)?.replace(/\/+$/, "");
  const fixed = {
    backend,
    maxConcurrency: wholeNumber(config, "maxConcurrency"),
    callTimeoutMs: 1000 * wholeNumber(config, "callTimeout"),
    operationTimeoutMs: 1000 * wholeNumber(config, "operationTimeout"),
  } as const;

  if (backend === "emulator") {
    const stateDir = config("twilio:stateDir") ?? join(projectFolder(environment.cwd), ".twilio");
    const embedded = await environment.openEmbedded(stateDir);
    const login = configured(config) ?? {
      accountSid: embedded.accountSid,
      username: embedded.accountSid,
      password: embedded.authToken,
      signingKey: { sid: embedded.apiKey, secret: embedded.apiSecret },
      source: "the local Twilio itself",
    };
    return { ...fixed, ...login, secrets: secretsOf(environment, login), baseUrl: embedded.url, place: resolve(environment.cwd, stateDir) };
  }
  const found = loginOf(environment);
  const region = found.region ?? config("twilio:region") ?? env.TWILIO_REGION;
  return {
    ...fixed,
    ...found,
    secrets: secretsOf(environment, found),
    place: baseUrl ?? region ?? "us1",
    region,
    edge: found.edge ?? config("twilio:edge") ?? env.TWILIO_EDGE,
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
}

const secretsOf = ({ config, env }: Environment, { password, signingKey }: Login): string[] =>
  [
    password,
    signingKey?.secret,
    config("twilio:authToken"),
    config("twilio:apiSecret"),
    env.TWILIO_AUTH_TOKEN,
    env.TWILIO_API_SECRET,
  ].filter((secret) => secret !== undefined);

/** Every setting under `twilio:`. */
export const settingNames = [
  ...["backend", "accountSid", "authToken", "apiKey", "apiSecret", "region", "edge", "profile", "baseUrl"],
  ...["maxConcurrency", "callTimeout", "operationTimeout", "stateDir"],
];

/** What is wrong with settings, by the setting that it is about. */
export interface SettingProblem {
  /** `twilio:backend`; `twilio:accountSid` for the credentials as a whole. */
  readonly key: string;
  readonly reason: string;
}

/** All that is wrong with the settings at once, where {@link connect} stops at the first; it opens nothing and asks nobody. */
export function settingProblems(around: Pick<Environment, "config" | "env" | "readProfiles">): SettingProblem[] {
  const { config } = around;
  const parts: Record<string, () => unknown> = {
    backend: () => backendOf(config),
    ...Object.fromEntries(Object.keys(limits).map((name) => [name, () => wholeNumber(config, name as keyof typeof limits)])),
    // The embedded Twilio brings its own credentials, and with a wrong word it is not known which is meant.
    accountSid: () => ((config("twilio:backend") ?? "twilio") === "twilio" ? loginOf(around) : configured(config)),
  };
  return Object.entries(parts).flatMap(([name, read]) => {
    try {
      read();
      return [];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return [{ key: `twilio:${name}`, reason: error.message }];
    }
  });
}

function backendOf(config: Environment["config"]): Connection["backend"] {
  const backend = config("twilio:backend") ?? "twilio";
  if (backend === "twilio" || backend === "emulator") return backend;
  throw new UsageError(`twilio:backend is ${JSON.stringify(backend)}: write twilio, or emulator for the embedded one.`);
}

const limits = {
  maxConcurrency: { otherwise: 10, unit: "" },
  callTimeout: { otherwise: 30, unit: " of seconds" },
  operationTimeout: { otherwise: 300, unit: " of seconds" },
};

function wholeNumber(config: Environment["config"], name: keyof typeof limits): number {
  const given = config(`twilio:${name}`);
  const value = Number(given ?? limits[name].otherwise);
  // A timer of Node's runs over beyond 24 days.
  if (Number.isInteger(value) && value >= 1 && value <= 2_000_000) return value;
  throw new UsageError(`twilio:${name} is ${JSON.stringify(given)}: write a whole number${limits[name].unit} from 1.`);
}

const nothingFound = [
  "no Twilio credentials found. Give one of:",
  "  pulumi config set twilio:accountSid AC… && pulumi config set --secret twilio:authToken …",
  "  TWILIO_ACCOUNT_SID with TWILIO_API_KEY and TWILIO_API_SECRET (or TWILIO_AUTH_TOKEN) in the environment",
  "  TWILIO_PROFILE, the name of a profile of the Twilio CLI",
  "or work without an account: pulumi config set twilio:backend emulator",
].join("\n");

/** The first place that holds credentials. */
function loginOf(around: Pick<Environment, "config" | "env" | "readProfiles">): Login {
  const { config, env } = around;
  const login = configured(config) ?? fromProfile(around, config("twilio:profile"), "twilio:profile") ?? fromEnvironment(env);
  const found = login ?? fromProfile(around, env.TWILIO_PROFILE, "TWILIO_PROFILE");
  if (!found) throw new UsageError(nothingFound);
  return found;
}

function configured(config: Environment["config"]): Login | undefined {
  const provider = config("twilio:provider");
  const key = (name: string) => config(`twilio:${name}`);
  const tuple = {
    accountSid: key("accountSid"),
    authToken: key("authToken"),
    apiKey: key("apiKey"),
    apiSecret: key("apiSecret"),
    region: key("region"),
    edge: key("edge"),
  };
  return complete(tuple, provider ? `the provider "${provider}"` : "the stack's configuration", (name) =>
    provider ? name : `twilio:${name}`,
  );
}

function fromEnvironment(env: Environment["env"]): Login | undefined {
  const tuple = {
    accountSid: env.TWILIO_ACCOUNT_SID,
    authToken: env.TWILIO_AUTH_TOKEN,
    apiKey: env.TWILIO_API_KEY,
    apiSecret: env.TWILIO_API_SECRET,
    region: env.TWILIO_REGION,
    edge: env.TWILIO_EDGE,
  };
  return complete(tuple, "the environment", (name) => `TWILIO_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`);
}

/** A login made of one place's values; an error names what that place lacks. */
function complete(tuple: Tuple, source: string, spell: (name: string) => string): Login | undefined {
  const { accountSid, authToken, apiKey, apiSecret, region, edge } = tuple;
  if (!accountSid && !authToken && !apiKey && !apiSecret) return undefined;
  const missing: string[] = [];
  if (!accountSid) missing.push(spell("accountSid"));
  if (apiKey && !apiSecret) missing.push(spell("apiSecret"));
  if (apiSecret && !apiKey) missing.push(spell("apiKey"));
  if (!authToken && !apiKey && !apiSecret) missing.push(`${spell("authToken")} (or ${spell("apiKey")} and ${spell("apiSecret")})`);
  if (missing.length > 0) {
    throw new UsageError(
      `half a set of credentials in ${source}: ${missing.join(" and ")} is missing. Set it there, or remove the others; credentials of several places are never mixed.`,
    );
  }
  const sid = accountSid as string;
  if (!/^AC[0-9a-fA-F]{32}$/.test(sid)) {
    const hint = sid.startsWith("SK") ? ": an API key belongs into apiKey" : "";
    throw new UsageError(`${spell("accountSid")} in ${source} is not an account SID (AC and 32 hex digits)${hint}.`);
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
  };
}

/** A profile as `twilio profiles:create` writes it. Older ones keep their secret in the system's keychain, out of reach. */
function fromProfile(around: Pick<Environment, "env" | "readProfiles">, name: string | undefined, setting: string): Login | undefined {
  if (!name) return undefined;
  const file = join(around.env.HOME ?? homedir(), ".twilio-cli", "config.json");
  const text = around.readProfiles ? around.readProfiles() : existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (text === undefined)
    throw new UsageError(`${setting} names the profile "${name}", but there is no ${file}: run \`twilio profiles:create\`.`);
  const { profiles = {}, projects = [] } = parseProfiles(text, file);
  const profile = profiles[name];
  if (!profile) {
    const cure = projects.some((project) => project.id === name)
      ? "it is of an old kind whose secret lies in the system's keychain: run `twilio profiles:port`"
      : `there are: ${Object.keys(profiles).join(", ") || "none"}`;
    throw new UsageError(`${setting} names the profile "${name}", which cannot be used: ${cure}.`);
  }
  return complete(profile, `the profile "${name}" of the Twilio CLI`, (key) => key);
}

function parseProfiles(text: string, file: string): { profiles?: Record<string, Tuple>; projects?: { id: string }[] } {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes what it stumbled over, which may be a secret.
    throw new UsageError(`${file} is not JSON: mend it, or make the profile anew with \`twilio profiles:create\`.`);
  }
}

/** The folder that holds `Pulumi.yaml`, from here upwards; this folder when there is none. */
export function projectFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml")) || existsSync(join(folder, "Pulumi.yml"))) return folder;
    if (dirname(folder) === folder) return from;
  }
}

/** One line for people: which backend, which account, whose credentials. */
export const describeConnection = ({ backend, accountSid, source, baseUrl }: Connection): string =>
  backend === "emulator"
    ? `Twilio: the local one (${baseUrl}), account ${accountSid}; nothing is billed`
    : `Twilio: ${baseUrl ?? "the real one"}, account ${accountSid}, credentials from ${source}`;
