/** New stacks in a file backend, without the CLI: it takes 0.6 s of CPU time for each, most of it to derive a key from the passphrase. */
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addressVariable, encryptKey, keyUrl } from "./key-service.mts";

/** The passphrase of the secrets in all test stacks. */
export const passphrase = "test";

/** The key that encrypts the secrets of every test stack. */
const dataKey = Buffer.from("gEtFXFLgYInFd6S88cvtvD+Bn6O3ZI+wh07eI/G3Dck=", "base64");

// With this salt, PBKDF2 (SHA-256, 1,000,000 iterations) derives the key from the passphrase.
const salt = "v1:y2jG2gbeLqo=:v1:dkCizttnLFR1yP1s:Yp+Bm3WtBv+XIMy1xat8PFSVCEw1Og==";
const encryptedKey = Buffer.from(encryptKey(dataKey.toString("base64"))).toString("base64");

/** A new stack, and where its files are. */
export interface NewStack {
  /** The folder of the file backend. */
  readonly backend: string;
  /** The folder of the project. */
  readonly folder: string;
  readonly project: string;
  readonly name: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** The passphrase opens the secrets, even where there is a key service. */
  readonly hasPassphrase?: true;
  readonly resources?: readonly unknown[];
}

/** Writes what `pulumi stack init` and `pulumi config set-all` write. */
export async function writeStack(stack: NewStack): Promise<void> {
  const { backend, folder, project, name, config = {}, secrets = {}, resources } = stack;
  const usesService = process.env[addressVariable] !== undefined && !stack.hasPassphrase;
  const stacks = join(backend, ".pulumi", "stacks", project);
  await mkdir(stacks, { recursive: true });
  await writeFile(join(backend, ".pulumi", "meta.yaml"), "version: 1\n");
  const manifest = { time: "0001-01-01T00:00:00Z", magic: "", version: "" };
  const passphraseProvider = { type: "passphrase", state: { salt } };
  const provider = usesService ? { type: "cloud", state: { url: keyUrl, encryptedkey: encryptedKey } } : passphraseProvider;
  const latest = { manifest, secrets_providers: provider, resources, metadata: {} };
  const checkpoint = { stack: `organization/${project}/${name}`, latest };
  await writeFile(join(stacks, `${name}.json`), JSON.stringify({ version: 3, checkpoint }));
  const encrypted = Object.entries(secrets).map(([name, value]) => [name, { secure: encrypt(value) }]);
  const values = { ...config, ...Object.fromEntries(encrypted) };
  const opened = usesService ? `secretsprovider: ${keyUrl}\nencryptedkey: ${encryptedKey}` : `encryptionsalt: ${salt}`;
  await writeFile(join(folder, `Pulumi.${name}.yaml`), `${opened}\nconfig: ${JSON.stringify(values)}\n`);
}

function encrypt(text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", dataKey, nonce);
  const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${encrypted.toString("base64")}`;
}
