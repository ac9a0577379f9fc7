import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { usageError } from "./errors";

/** What one source declares, complete or not. */
export interface CredentialValues {
  readonly accountSid?: string;
  readonly authToken?: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly region?: string;
  readonly edge?: string;
  readonly baseUrl?: string;
}

/** Where profiles are read from. */
export interface ProfileSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of the Twilio CLI's profile file. Default: the file in the home directory. */
  readonly readProfiles?: () => string | undefined;
}

/** A profile of the Twilio CLI as `twilio profiles:create` stores it. `setting` is where its name was read, for errors. */
export function readProfile({ env, readProfiles }: ProfileSource, name: string, setting: string): CredentialValues {
  const file = join(env.HOME ?? homedir(), ".twilio-cli", "config.json");
  const text = readProfiles ? readProfiles() : existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const problem = `${setting} must name a profile of the Twilio CLI; received "${name}"`;
  if (text === undefined) throw usageError(`${problem}, but ${file} does not exist`, "Run `twilio profiles:create`.");
  const { profiles = {}, projects = [] } = parse(text, file);
  const profile = profiles[name];
  if (profile) return profile;
  // Profiles in the old format keep the secret in the system's keychain, where this process cannot read it.
  if (projects.some(({ id }) => id === name)) throw usageError(`${problem}, which has the old format`, "Run `twilio profiles:port`.");
  throw usageError(problem, `Existing profiles: ${Object.keys(profiles).join(", ") || "none"}.`);
}

function parse(text: string, file: string): { profiles?: Record<string, CredentialValues>; projects?: { id: string }[] } {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text near the mistake, which may be a secret.
    throw usageError(`${file} must be JSON`, "Repair it, or delete it and run `twilio profiles:create`.");
  }
}
