import { type CredentialSources, configuredCredentials, findCredentials } from "./credentials";
import { UsageError } from "./errors";

/** Every setting under `twilio:`. */
export const settingNames = [
  ...["backend", "accountSid", "authToken", "apiKey", "apiSecret", "region", "edge", "profile", "baseUrl"],
  ...["maxConcurrency", "callTimeout", "operationTimeout", "stateDir", "acceptAllMissing", "previewLookups"],
];

/** `emulator`: the emulator of the project. `twilio`: Twilio itself, or the server that `baseUrl` names. */
export type Backend = "twilio" | "emulator";

type Config = CredentialSources["config"];

const limits = {
  maxConcurrency: { default: 10, unit: "" },
  callTimeout: { default: 30, unit: " of seconds" },
  operationTimeout: { default: 300, unit: " of seconds" },
};
// Node's timers overflow after 24 days.
const maxLimit = 2_000_000;

type Limit = keyof typeof limits;

const switches = { acceptAllMissing: "false", previewLookups: "true" };
type Switch = keyof typeof switches;

/** The backend that the stack uses. */
export function backendOf(config: Config): Backend {
  refuse("backend", wrongBackend(config));
  return (config("twilio:backend") ?? "twilio") as Backend;
}

/** A whole number of the configuration, or its default. */
export function limitOf(config: Config, name: Limit): number {
  refuse(name, wrongLimit(config, name));
  return Number(config(`twilio:${name}`) ?? limits[name].default);
}

/** A setting that is on or off. */
export function isOn(config: Config, name: Switch): boolean {
  refuse(name, wrongSwitch(config, name));
  return (config(`twilio:${name}`) ?? switches[name]) === "true";
}

function wrongSwitch(config: Config, name: Switch): string | undefined {
  const value = config(`twilio:${name}`) ?? switches[name];
  return value === "true" || value === "false" ? undefined : `must be true or false; received ${JSON.stringify(value)}`;
}

function refuse(name: string, reason: string | undefined): void {
  if (reason !== undefined) throw new UsageError(`twilio:${name} ${reason}.`);
}

function wrongBackend(config: Config): string | undefined {
  const backend = config("twilio:backend") ?? "twilio";
  return backend === "twilio" || backend === "emulator" ? undefined : `must be "twilio" or "emulator"; received ${JSON.stringify(backend)}`;
}

function wrongLimit(config: Config, name: Limit): string | undefined {
  const declared = config(`twilio:${name}`);
  const value = Number(declared ?? limits[name].default);
  return Number.isInteger(value) && value >= 1 && value <= maxLimit
    ? undefined
    : `must be a whole number${limits[name].unit} from 1 to ${maxLimit}; received ${JSON.stringify(declared)}`;
}

/** A problem with one setting. */
export interface SettingProblem {
  /** `twilio:backend`; `twilio:accountSid` for the credentials as a whole. */
  readonly key: string;
  /** What the setting must be. */
  readonly reason: string;
}

/** All problems of the settings at once, found without a connection. */
export function settingProblems(sources: CredentialSources): SettingProblem[] {
  const { config } = sources;
  const reasons: [name: string, reason: string | undefined][] = [
    ["backend", wrongBackend(config)],
    ...Object.keys(limits).map((name): [string, string | undefined] => [name, wrongLimit(config, name as Limit)]),
    ...Object.keys(switches).map((name): [string, string | undefined] => [name, wrongSwitch(config, name as Switch)]),
    wrongCredentials(sources),
  ];
  return reasons.flatMap(([name, reason]) => (reason === undefined ? [] : [{ key: `twilio:${name}`, reason }]));
}

function wrongCredentials(sources: CredentialSources): [name: string, reason: string | undefined] {
  const { config } = sources;
  try {
    // The emulator has its own credentials, so a stack that uses it needs none.
    if ((config("twilio:backend") ?? "twilio") === "twilio") findCredentials(sources);
    else configuredCredentials(config);
    return ["accountSid", undefined];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [error.property ?? "accountSid", error.message];
  }
}
