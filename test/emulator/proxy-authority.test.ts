/** The certificates of the proxy: what they vouch for, where they are, and who could put them there. */
import { execFile } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rootCertificates } from "node:tls";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { Authority } from "../../src/emulator/proxy/authority";
import { hostCertificate } from "../../src/emulator/proxy/certificate";
import { authorityOf, openTunnel } from "./support/proxy";

const run = promisify(execFile);
const DAY_MS = 24 * 60 * 60 * 1000;
const HOST = "conversations.twilio.com";

let root: string;
let stateDir: string;
let folder: string;
const running: Emulator[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "twilio-authority-"));
  stateDir = join(root, ".twilio");
  folder = join(stateDir, "proxy");
});
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
  await rm(root, { recursive: true });
});

async function start(): Promise<Emulator> {
  const emulator = await startEmulator({ stateDir, proxy: true });
  running.push(emulator);
  return emulator;
}
const startAndClose = async () => {
  const emulator = await start();
  const certificate = authorityOf(emulator);
  await emulator.close();
  return certificate;
};
const keyFile = () => join(folder, "ca-key.pem");
const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

describe("the authority", () => {
  it("is for its owner only, whatever the umask, and the same in every run", async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const first = await startAndClose();
    expect(modeOf(folder)).toBe("700");
    expect(readdirSync(folder).sort()).toEqual(["ca-bundle.pem", "ca-key.pem", "ca.pem", "truststore.jks"]);
    for (const name of readdirSync(folder)) expect(`${name} ${modeOf(join(folder, name))}`).toBe(`${name} 600`);
    expect(await startAndClose()).toBe(first);
    await openTunnel(await start(), HOST, { ca: first });
  });

  it("of an emulator without a state folder is in no file, and differs from run to run", async () => {
    const certificates: string[] = [];
    for (let times = 0; times < 2; times++) {
      const emulator = await startEmulator({ proxy: true });
      running.push(emulator);
      const temporary = dirname(emulator.proxy?.certificate ?? "");
      expect(modeOf(temporary)).toBe("700");
      const contents = readdirSync(temporary).map((name) => readFileSync(join(temporary, name), "latin1"));
      expect(contents.join("")).not.toContain("PRIVATE KEY");
      certificates.push(authorityOf(emulator));
      await emulator.close();
      expect(existsSync(temporary)).toBe(false);
    }
    expect(certificates[0]).not.toBe(certificates[1]);
  });

  it("exists only where a proxy was asked for", async () => {
    running.push(await startEmulator({ stateDir }));
    expect(existsSync(folder)).toBe(false);
  });

  it("is valid for two years, and replaced 30 days before it expires, also while it serves", () => {
    let now = Date.now();
    const open = () => new Authority({ folder, isStored: true, now: () => now });
    const first = open();
    const certificate = () => new X509Certificate(readFileSync(first.files.certificate));
    const { fingerprint256, validTo } = certificate();
    expect((Date.parse(validTo) - now) / DAY_MS).toBeCloseTo(730, 0);
    const context = first.contextFor(HOST);
    expect(first.contextFor(HOST)).toBe(context);
    now += 699 * DAY_MS;
    expect(first.contextFor(HOST)).not.toBe(context);
    open();
    expect(certificate().fingerprint256).toBe(fingerprint256);
    now += 2 * DAY_MS;
    first.contextFor(HOST);
    const renewed = certificate();
    expect(renewed.fingerprint256).not.toBe(fingerprint256);
    expect(renewed.checkPrivateKey(createPrivateKey(readFileSync(keyFile())))).toBe(true);
    now += 725 * DAY_MS;
    open();
    expect(certificate().fingerprint256).not.toBe(renewed.fingerprint256);
  });

  it("serves more hosts than it keeps certificates of", () => {
    const authority = new Authority({ folder, isStored: false });
    for (let index = 0; index < 300; index++) authority.contextFor(`x${index}.twilio.com`);
    expect(authority.contextFor("x299.twilio.com")).toBe(authority.contextFor("x299.twilio.com"));
  });

  it("and the machine's authorities are in the files that replace what a client trusts", async () => {
    const { proxy } = await start();
    const bundle = readFileSync(proxy?.environment.SSL_CERT_FILE ?? "", "utf8");
    expect(bundle).toContain(readFileSync(proxy?.certificate ?? "", "utf8"));
    for (const pem of rootCertificates.slice(0, 3)) expect(bundle).toContain(pem);
    const each = bundle.split(/(?<=-----END CERTIFICATE-----\n)/);
    expect(new Set(each).size).toBe(each.length);
  });
});

describe("a certificate of the authority's key", () => {
  /** What OpenSSL says of a certificate that the authority's key signed for this host. */
  async function verdict(host: string): Promise<string> {
    const [key, certificate] = [createPrivateKey(readFileSync(keyFile())), readFileSync(join(folder, "ca.pem"), "utf8")];
    const validity = { from: Date.now() - DAY_MS, to: Date.now() + DAY_MS };
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const path = join(root, "host.pem");
    writeFileSync(path, hostCertificate({ key, certificate }, host, privateKey, validity));
    const options = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", host, "-CAfile", join(folder, "ca.pem")];
    return run("openssl", ["verify", ...options, path]).then(
      ({ stdout }) => stdout.trim().replace(/^.*: /, ""),
      (error: Error & { stderr: string }) => /lookup: (.*)/.exec(error.stderr)?.[1] ?? error.message,
    );
  }

  it("is accepted for Twilio's hosts, and for no other", async () => {
    await startAndClose();
    for (const host of [HOST, "conversations.dublin.ie1.twilio.com", `${"a".repeat(63)}.us1.twilio.com`])
      expect(await verdict(host)).toBe("OK");
    for (const host of ["evil.com", "twilio.com.evil.com", "nottwilio.com", "localhost"])
      expect(await verdict(host)).toBe("permitted subtree violation");
  });

  it("is no authority itself, and neither can issue another nor sign anything but TLS", async () => {
    const emulator = await start();
    const secure = await openTunnel(emulator, HOST);
    const leaf = new X509Certificate(secure.getPeerCertificate().raw);
    expect(leaf.ca).toBe(false);
    const { stdout } = await run("openssl", ["x509", "-noout", "-text", "-in", emulator.proxy?.certificate ?? ""]);
    expect(stdout).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(stdout).toMatch(/Key Usage: critical\s+Certificate Sign\n/);
    expect(stdout).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication\n/);
    expect(stdout).toMatch(/Name Constraints: critical\s+Permitted:\s+DNS:twilio\.com\s+Excluded:\s+IP:0\.0\.0\.0\/0\.0\.0\.0\s+IP:0:/);
  });
});

describe("what a repository or another user can put into the state folder", () => {
  it.each(["the folder", "the key"])("a link as %s is refused", async (what) => {
    const elsewhere = join(root, "elsewhere");
    await startAndClose();
    const path = what === "the key" ? keyFile() : folder;
    const original = what === "the key" ? readFileSync(path) : undefined;
    rmSync(path, { recursive: true });
    if (original) writeFileSync(elsewhere, original, { mode: 0o600 });
    else mkdirSync(elsewhere);
    symlinkSync(elsewhere, path);
    await expect(start()).rejects.toThrow(what === "the key" ? `${path} must be a file that only you can read` : "but is a symbolic link");
    expect(existsSync(join(stateDir, "lock.json"))).toBe(false);
    expect(original ? readFileSync(elsewhere) : readdirSync(elsewhere)).toEqual(original ?? []);
  });

  it("links as the other files are replaced, and nothing behind them is written", async () => {
    const precious = join(root, "precious");
    writeFileSync(precious, "precious");
    await startAndClose();
    for (const name of ["ca.pem", "ca-bundle.pem", "truststore.jks"]) {
      rmSync(join(folder, name));
      symlinkSync(precious, join(folder, name));
    }
    await start();
    expect(readFileSync(precious, "utf8")).toBe("precious");
    for (const name of readdirSync(folder)) expect(lstatSync(join(folder, name)).isFile()).toBe(true);
  });

  it("a key that others can read, as from a repository, is refused until it is deleted", async () => {
    const first = await startAndClose();
    for (const mode of [0o644, 0o640, 0o604, 0o660]) {
      chmodSync(keyFile(), mode);
      await expect(start()).rejects.toThrow(`but has mode ${mode.toString(8)}. Delete it: the emulator creates another authority.`);
    }
    rmSync(keyFile());
    expect(await startAndClose()).not.toBe(first);
  });

  it("a folder that others can change is refused", async () => {
    await startAndClose();
    for (const mode of [0o770, 0o707, 0o777]) {
      chmodSync(folder, mode);
      await expect(start()).rejects.toThrow(`${folder} must be a folder that only you can change (mode 700).`);
    }
    chmodSync(folder, 0o755);
    await start();
  });

  it.runIf(process.getuid?.() === 0)("a key or a folder of another user is refused", async () => {
    await startAndClose();
    chownSync(keyFile(), 12_345, 12_345);
    await expect(start()).rejects.toThrow("belongs to another user");
    chownSync(folder, 12_345, 12_345);
    await expect(start()).rejects.toThrow("only you can change");
  });

  it("a certificate of the same key without the constraints is replaced", async () => {
    const first = await startAndClose();
    const options = ["-new", "-x509", "-key", keyFile(), "-subj", new X509Certificate(first).subject.replace(/^/, "/"), "-days", "700"];
    await run("openssl", ["req", ...options, "-out", join(folder, "ca.pem")]);
    expect(readFileSync(join(folder, "ca.pem"), "utf8")).not.toBe(first);
    const second = await startAndClose();
    expect((await run("openssl", ["x509", "-noout", "-text", "-in", join(folder, "ca.pem")])).stdout).toContain("DNS:twilio.com");
    expect(new X509Certificate(second).publicKey.equals(new X509Certificate(first).publicKey)).toBe(false);
  });

  it("files that are not complete are replaced", async () => {
    await startAndClose();
    for (const [name, text] of [
      ["ca.pem", "-----BEGIN"],
      ["ca-key.pem", ""],
    ] as const) {
      writeFileSync(join(folder, name), text);
      const emulator = await start();
      await openTunnel(emulator, HOST);
      await emulator.close();
    }
  });
});
