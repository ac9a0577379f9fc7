// One log and one record per tenant, in a folder that only its user can read.
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Outcome } from "./one.mts";
import type { Tenant } from "./tenant.mts";

/** The result of a tenant's last run. */
interface TenantRecord {
  /** Identifies what was deployed, see {@link declarationOf}. */
  readonly declaration: string;
  readonly outcome: Outcome;
}

/** Names the log and the record of a tenant. */
export const filesOf = (folder: string, name: string) => ({ log: join(folder, `${name}.log`), record: join(folder, `${name}.json`) });

/**
 * Identifies what a tenant's update deploys: the tenant's data, the text of the program, the account and the backend. A tenant that is up with the same
 * declaration is not updated again.
 */
export async function declarationOf(
  tenant: Tenant,
  { TWILIO_ACCOUNT_SID, PULUMI_BACKEND_URL }: Readonly<Record<string, string>>,
): Promise<string> {
  const program = await readFile(new URL("tenant.mts", import.meta.url), "utf8");
  const parts = [program, tenant, TWILIO_ACCOUNT_SID, PULUMI_BACKEND_URL];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A tenant's record; `undefined` if its last run was killed, or if there was none. */
export async function readRecord(folder: string, name: string): Promise<TenantRecord | undefined> {
  try {
    return JSON.parse(await readFile(filesOf(folder, name).record, "utf8")) as TenantRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Replaces a tenant's record. A run that is killed meanwhile leaves the record as it was. */
export async function writeRecord(folder: string, record: TenantRecord): Promise<void> {
  const { record: path } = filesOf(folder, record.outcome.name);
  await writeFile(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Forgets the result of the last run, because a run that is killed from now on may have changed the stack. */
export const removeRecord = (folder: string, name: string): Promise<void> => rm(filesOf(folder, name).record, { force: true });

/** A tenant's log. Secrets are replaced by `[secret]`. */
export interface Log {
  readonly redact: (text: string) => string;
  /** Copies lines of a process until it closes the stream. */
  follow(stream: Readable): Promise<void>;
  close(lastLine: string): Promise<void>;
}

/** Starts a tenant's log, and replaces the one of an earlier run. */
export async function openLog(folder: string, name: string, env: Readonly<Record<string, string | undefined>>): Promise<Log> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(filesOf(folder, name).log, "w", 0o600);
  // The mode above applies to new files only.
  await file.chmod(0o600);
  const output = file.createWriteStream();
  const redact = redactor(env);
  return {
    redact,
    async follow(stream) {
      for await (const line of createInterface({ input: stream })) output.write(`${redact(line)}\n`);
    },
    close: (lastLine) => new Promise((resolve) => output.end(`${redact(lastLine)}\n`, resolve)),
  };
}

/** Replaces the values of variables whose names say that they are secret. */
function redactor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const isSecret = (name: string) => /TOKEN|SECRET|PASSPHRASE|PASSWORD|_KEY$/.test(name);
  const secrets = Object.entries(env).flatMap(([name, value]) => (value && isSecret(name) ? [value] : []));
  // Longer values first, because one may contain another.
  secrets.sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((redacted, secret) => redacted.replaceAll(secret, "[secret]"), text);
}
