/** The files by which clients trust the proxy's authority. */
import { createHash, X509Certificate } from "node:crypto";
import * as tls from "node:tls";

/** The password of the trust store. It protects nothing: the store has certificates only. Java's own has the same. */
export const TRUST_STORE_PASSWORD = "changeit";

/**
 * The authorities that this machine trusts, and the proxy's. Most clients have a variable that replaces what they trust, and with the proxy's authority
 * alone they could reach nothing else.
 */
export const bundleWith = (authority: string): string[] => [...new Set([authority, ...trusted()].map((pem) => `${pem.trim()}\n`))];

function trusted(): readonly string[] {
  // Node.js 22.15 and later know what the machine trusts, and NODE_EXTRA_CA_CERTS.
  if (tls.getCACertificates === undefined) return tls.rootCertificates;
  return [...tls.getCACertificates("default"), ...tls.getCACertificates("system")];
}

/** A trust store for Java, in the oldest of its formats (JKS), which every version reads and Node.js can write. */
export function trustStoreOf(certificates: readonly string[]): Buffer {
  const TRUSTED_CERTIFICATE = 2;
  const entries = certificates.map((pem, index) => {
    const { raw } = new X509Certificate(pem);
    return Buffer.concat([uint32(TRUSTED_CERTIFICATE), text(`ca-${index}`), Buffer.alloc(8), text("X.509"), uint32(raw.length), raw]);
  });
  const store = Buffer.concat([uint32(0xfeedfeed), uint32(2), uint32(entries.length), ...entries]);
  const password = Buffer.from(TRUST_STORE_PASSWORD, "utf16le").swap16();
  // The format's checksum, with the text that the format prescribes.
  const checksum = createHash("sha1").update(password).update("Mighty Aphrodite").update(store).digest();
  return Buffer.concat([store, checksum]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A text after its length. */
function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}
