/**
 * The certificates of the proxy: an authority that can only vouch for names of twilio.com, and certificates that it issues. Node.js can sign and read
 * certificates, but not create them.
 */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";
import { bitString, explicit, implicit, integer, octetString, oid, sequence, set, TRUE, time, utf8String } from "./der";

/** A certificate and its private key. */
export interface KeyPair {
  readonly key: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

/** From when until when a certificate is valid, in milliseconds. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

const EXTENSIONS = {
  subjectKey: "2.5.29.14",
  keyUsage: "2.5.29.15",
  alternativeName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  authorityKey: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;
const COMMON_NAME = "2.5.4.3";
const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const SERVER_AUTHENTICATION = sequence(oid("1.3.6.1.5.5.7.3.1"));
const DNS_NAME = 2;
const IP_ADDRESS = 7;

interface Contents {
  readonly serial: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Uint8Array[];
}

/** Signs a new certificate of an authority with its own key. */
export function authorityCertificate(key: KeyObject, validity: Validity): string {
  return signed(authorityContents(createPublicKey(key), { serial: newSerial(), validity }), key);
}

/**
 * Whether a certificate is exactly one that {@link authorityCertificate} creates for this key. A file could contain another one, which the same key
 * signed without the constraints.
 */
export function isAuthorityOf(key: KeyObject, pem: string): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const { serialNumber, validFrom, validTo } = certificate;
    const publicKey = createPublicKey(key);
    const validity = { from: Date.parse(validFrom), to: Date.parse(validTo) };
    const expected = body(authorityContents(publicKey, { serial: Buffer.from(serialNumber, "hex"), validity }));
    const HEADER = 4;
    return certificate.raw.subarray(HEADER, HEADER + expected.length).equals(expected) && certificate.verify(publicKey);
  } catch {
    return false;
  }
}

/** The validity of a certificate. */
export function validityOf(pem: string): Validity {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

/** Issues a certificate for a host. `key` is the host's. */
export function hostCertificate(authority: KeyPair, host: string, key: KeyObject, validity: Validity): string {
  const [publicKey, issuerKey] = [createPublicKey(key), createPublicKey(authority.key)];
  const contents = {
    serial: newSerial(),
    issuer: authorityName(issuerKey),
    subject: name("Twilio emulator"),
    validity,
    publicKey,
    extensions: [
      extension(EXTENSIONS.basicConstraints, sequence(), true),
      // For signatures only.
      extension(EXTENSIONS.keyUsage, bitString(Buffer.from([0x80]), 7), true),
      extension(EXTENSIONS.extendedKeyUsage, SERVER_AUTHENTICATION),
      extension(EXTENSIONS.alternativeName, sequence(implicit(DNS_NAME, Buffer.from(host)))),
      extension(EXTENSIONS.subjectKey, octetString(keyIdOf(publicKey))),
      extension(EXTENSIONS.authorityKey, sequence(implicit(0, keyIdOf(issuerKey)))),
    ],
  };
  return signed(contents, authority.key);
}

function authorityContents(publicKey: KeyObject, { serial, validity }: Pick<Contents, "serial" | "validity">): Contents {
  const self = authorityName(publicKey);
  const permitted = explicit(0, sequence(implicit(DNS_NAME, Buffer.from("twilio.com"))));
  // A permitted name limits names only, so that addresses must be excluded: all of IPv4 and of IPv6.
  const excluded = explicit(1, ...[8, 32].map((bytes) => sequence(implicit(IP_ADDRESS, Buffer.alloc(bytes)))));
  const extensions = [
    // An authority that issues certificates of hosts, and none of other authorities.
    extension(EXTENSIONS.basicConstraints, sequence(TRUE, integer(Buffer.from([0]))), true),
    // For signatures of certificates only.
    extension(EXTENSIONS.keyUsage, bitString(Buffer.from([0x04]), 2), true),
    extension(EXTENSIONS.extendedKeyUsage, SERVER_AUTHENTICATION),
    extension(EXTENSIONS.nameConstraints, sequence(permitted, excluded), true),
    extension(EXTENSIONS.subjectKey, octetString(keyIdOf(publicKey))),
  ];
  return { serial, issuer: self, subject: self, validity, publicKey, extensions };
}

function body({ serial, issuer, subject, validity, publicKey, extensions }: Contents): Buffer {
  const VERSION_3 = explicit(0, integer(Buffer.from([2])));
  const times = sequence(time(new Date(validity.from)), time(new Date(validity.to)));
  const spki = publicKey.export({ type: "spki", format: "der" });
  return sequence(VERSION_3, integer(serial), ECDSA_WITH_SHA256, issuer, times, subject, spki, explicit(3, sequence(...extensions)));
}

function signed(contents: Contents, key: KeyObject): string {
  const signedPart = body(contents);
  const certificate = sequence(signedPart, ECDSA_WITH_SHA256, bitString(sign("sha256", signedPart, key)));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64").replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

const extension = (id: string, content: Uint8Array, isCritical = false): Buffer =>
  sequence(oid(id), ...(isCritical ? [TRUE] : []), octetString(content));

const name = (text: string): Buffer => sequence(set(sequence(oid(COMMON_NAME), utf8String(text))));

/** Differs from key to key, because programs find an authority by its name. */
const authorityName = (publicKey: KeyObject): Buffer => name(`Twilio emulator ${keyIdOf(publicKey).toString("hex").slice(0, 8)}`);

const keyIdOf = (publicKey: KeyObject): Buffer =>
  createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);

function newSerial(): Buffer {
  const serial = randomBytes(16);
  // Positive, and without a leading zero.
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return serial;
}
