/** The authority of an emulator's proxy: creates, stores and renews it, and issues certificates of Twilio's hosts. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { writeAtomically } from "../../process/atomic-write";
import { createFolder, isOwn, isPrivateFolder } from "../../process/private-folder";
import { authorityCertificate, hostCertificate, isAuthorityOf, type KeyPair, validityOf } from "./certificate";
import { bundleWith, trustStoreOf } from "./trust-files";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Browsers need to trust each new authority, so it lasts for two years. */
const AUTHORITY_DAYS = 730;
/** An authority that expires sooner is replaced. */
const RENEWAL_DAYS = 30;
/** Apple's systems accept certificates of hosts for up to 825 days, and longer ones than 398 days only from own authorities. */
const HOST_DAYS = 397;
/** For clocks that are behind. */
const BACKDATED_DAYS = 1;
/** More hosts than Twilio has. A client could name any number of them. */
const MAX_HOSTS = 200;

const KEY = "ca-key.pem";
const NOBODY_ELSE = 0o077;

/** The files that clients read. */
export interface TrustFiles {
  /** The authority's certificate, PEM. */
  readonly certificate: string;
  /** The certificate and the authorities that this machine trusts, PEM. */
  readonly bundle: string;
  /** The same as the bundle, for Java. */
  readonly trustStore: string;
}

interface AuthorityOptions {
  /** The folder of the files. */
  folder: string;
  /** Whether the key is kept in the folder for the next run. Otherwise it exists in memory only. */
  isStored: boolean;
  now?: () => number;
}

/** An authority that only vouches for names of twilio.com. */
export class Authority {
  readonly files: TrustFiles;
  private readonly options: Required<AuthorityOptions>;
  private readonly hostKey = newKey();
  private readonly contexts = new Map<string, { context: SecureContext; expires: number }>();
  private pair: KeyPair & { readonly expires: number };

  constructor({ now = Date.now, ...options }: AuthorityOptions) {
    this.options = { ...options, now };
    const { folder, isStored } = options;
    createFolder(folder);
    if (process.getuid !== undefined && !isPrivateFolder(folder))
      throw new Error(`${folder} must be a folder that only you can change (mode 700). Delete it: the emulator creates another authority.`);
    const pathOf = (name: string) => join(folder, name);
    this.files = { certificate: pathOf("ca.pem"), bundle: pathOf("ca-bundle.pem"), trustStore: pathOf("truststore.jks") };
    const stored = isStored ? this.stored() : undefined;
    this.pair = stored ?? this.create();
    if (this.isExpiring()) this.pair = this.create();
    this.writeTrust();
  }

  /** What a server needs to prove that it is this host. */
  contextFor(host: string): SecureContext {
    if (this.isExpiring()) {
      this.pair = this.create();
      this.contexts.clear();
      this.writeTrust();
    }
    const now = this.options.now();
    const known = this.contexts.get(host);
    if (known !== undefined && known.expires > now + DAY_MS) return known.context;
    const expires = Math.min(now + HOST_DAYS * DAY_MS, this.pair.expires);
    const certificate = hostCertificate(this.pair, host, this.hostKey, { from: now - BACKDATED_DAYS * DAY_MS, to: expires });
    const key = this.hostKey.export({ type: "pkcs8", format: "pem" });
    const context = createSecureContext({ key, cert: `${certificate}${this.pair.certificate}` });
    this.contexts.delete(host);
    this.contexts.set(host, { context, expires });
    const [oldest] = this.contexts.keys();
    if (this.contexts.size > MAX_HOSTS && oldest !== undefined) this.contexts.delete(oldest);
    return context;
  }

  private isExpiring(): boolean {
    return this.pair.expires < this.options.now() + RENEWAL_DAYS * DAY_MS;
  }

  /** The authority of the last run. Nothing if there is none, or if its certificate is not the one that this version creates. */
  private stored(): Authority["pair"] | undefined {
    const pem = readPrivateKey(join(this.options.folder, KEY));
    if (pem === undefined) return undefined;
    try {
      const key = createPrivateKey(pem);
      const certificate = readFileSync(this.files.certificate, "utf8");
      return isAuthorityOf(key, certificate) ? { key, certificate, expires: validityOf(certificate).to } : undefined;
    } catch {
      return undefined;
    }
  }

  private create(): Authority["pair"] {
    const now = this.options.now();
    const key = newKey();
    const expires = now + AUTHORITY_DAYS * DAY_MS;
    const certificate = authorityCertificate(key, { from: now - BACKDATED_DAYS * DAY_MS, to: expires });
    if (this.options.isStored) writeAtomically(join(this.options.folder, KEY), key.export({ type: "pkcs8", format: "pem" }) as string);
    return { key, certificate, expires };
  }

  private writeTrust(): void {
    const { certificate, bundle, trustStore } = this.files;
    const certificates = bundleWith(this.pair.certificate);
    writeAtomically(certificate, this.pair.certificate);
    writeAtomically(bundle, certificates.join(""));
    writeAtomically(trustStore, trustStoreOf(certificates));
  }
}

const newKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

/** Reads a key that nobody else can read or could have put there. */
function readPrivateKey(path: string): string | undefined {
  const refusal = (state: string) =>
    new Error(`${path} must be a file that only you can read (mode 600), but ${state}. Delete it: the emulator creates another authority.`);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw code === "ELOOP" ? refusal("is a symbolic link") : error;
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw refusal("is not a file");
    if (!isOwn(stats)) throw refusal("belongs to another user");
    const hasModes = process.getuid !== undefined;
    if (hasModes && (stats.mode & NOBODY_ELSE) !== 0) throw refusal(`has mode ${(stats.mode & 0o777).toString(8)}`);
    return readFileSync(file, { encoding: "utf8" });
  } finally {
    closeSync(file);
  }
}
