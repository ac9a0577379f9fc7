import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type CredentialSources, type Credentials, configuredCredentials, findCredentials, type SigningKey } from "./credentials";
import { usageError } from "./errors";
import { routeOf } from "./route";
import { type Backend, backendOf, isOn, limitOf } from "./settings";

export type { SigningKey };

/** Where requests go, and with which credentials. The secret is used for requests only and never stored or shown. */
export interface Connection extends Credentials {
  readonly backend: Backend;
  /** Every known secret, used or not; none of them may be shown. */
  readonly secrets: readonly string[];
  /** The environment variables that decide on the way to Twilio, where they are set. */
  readonly route?: Readonly<Record<string, string>>;
  /** Distinguishes servers that may have accounts with the same SID: the region, the base URL or the emulator's folder. */
  readonly place: string;
  readonly maxConcurrency: number;
  /** The time limit of one request. */
  readonly callTimeoutMs: number;
  /** The time limit of one operation on one resource, including all its requests, retries and waits. */
  readonly operationTimeoutMs: number;
  /** A refresh may remove all objects of a stack from its state. */
  readonly acceptAllMissing: boolean;
  /** Whether previews ask Twilio about the objects that properties name. */
  readonly previewLookups: boolean;
}

/** The emulator that {@link Environment.openEmbedded} opened. */
export interface Embedded {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Everything that determines a connection. Tests replace it. */
export interface Environment extends CredentialSources {
  /** The folder in which the operation runs; the project is this folder or one above it. */
  readonly cwd: string;
  /** Opens the emulator that serves a state folder, and starts one if there is none. */
  readonly openEmbedded: (stateDir: string) => Promise<Embedded>;
}

/**
 * Determines backend and credentials. The first source with credentials is used: explicit provider or stack configuration, environment, named
 * profile of the Twilio CLI. Incomplete credentials are an error and are never completed from another source.
 */
export async function connect(environment: Environment): Promise<Connection> {
  const { config, env } = environment;
  const backend = backendOf(config);
  const common = {
    backend,
    route: routeOf(env),
    maxConcurrency: limitOf(config, "maxConcurrency"),
    callTimeoutMs: 1000 * limitOf(config, "callTimeout"),
    operationTimeoutMs: 1000 * limitOf(config, "operationTimeout"),
    acceptAllMissing: isOn(config, "acceptAllMissing"),
    previewLookups: isOn(config, "previewLookups"),
  } as const;

  if (backend === "emulator") {
    const stateDir = config("twilio:stateDir") ?? join(projectFolder(environment.cwd), ".twilio");
    const embedded = await environment.openEmbedded(stateDir);
    const credentials = emulatorCredentials(config, embedded);
    return {
      ...common,
      ...credentials,
      secrets: secretsOf(environment, credentials),
      baseUrl: embedded.url,
      place: resolve(environment.cwd, stateDir),
    };
  }
  const credentials = findCredentials(environment);
  return {
    ...common,
    ...credentials,
    secrets: secretsOf(environment, credentials),
    place: credentials.baseUrl ?? credentials.region ?? "us1",
  };
}

/**
 * The emulator gets its own credentials, or those of an explicit provider, which is an account of the emulator. Those of the stack may belong to a
 * real account, and whoever can write to the state folder decides where the emulator is.
 */
function emulatorCredentials(config: CredentialSources["config"], embedded: Embedded): Credentials {
  const configured = configuredCredentials(config);
  if (configured && config("twilio:provider")) return configured;
  if (configured && configured.accountSid !== embedded.accountSid) {
    throw usageError(
      `${configured.source} has the credentials of ${configured.accountSid}, which is not the emulator's account ${embedded.accountSid}`,
      "Remove them: `pulumi config rm-all twilio:accountSid twilio:authToken twilio:apiKey twilio:apiSecret`. For a subaccount of the emulator, use a TwilioProvider.",
    );
  }
  return embeddedCredentials(embedded);
}

const embeddedCredentials = ({ accountSid, authToken, apiKey, apiSecret }: Embedded): Credentials => ({
  accountSid,
  username: accountSid,
  password: authToken,
  signingKey: { sid: apiKey, secret: apiSecret },
  source: "the emulator",
});

const secretsOf = ({ config, env }: Environment, { password, signingKey }: Credentials): string[] =>
  [
    password,
    signingKey?.secret,
    config("twilio:authToken"),
    config("twilio:apiSecret"),
    env.TWILIO_AUTH_TOKEN,
    env.TWILIO_API_SECRET,
  ].filter((secret) => secret !== undefined);

/** The closest folder with a `Pulumi.yaml`, from here upwards; otherwise this folder. */
export function projectFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml")) || existsSync(join(folder, "Pulumi.yml"))) return folder;
    if (dirname(folder) === folder) return from;
  }
}

/** A connection in one line: server, account and source of the credentials. */
export const describeConnection = ({ backend, accountSid, source, baseUrl }: Connection): string =>
  backend === "emulator"
    ? `Twilio: the emulator at ${baseUrl}, account ${accountSid}; nothing is billed`
    : `Twilio: ${baseUrl ?? "the real API"}, account ${accountSid}, credentials from ${source}`;

/** Where a connection asks, in words. */
export const describePlace = ({ accountSid, baseUrl, region }: Connection): string =>
  `${baseUrl ?? `Twilio's region ${region ?? "us1"}`} in account ${accountSid}`;
