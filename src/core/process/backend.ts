import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import * as zlib from "node:zlib";
import { itemUrn } from "./item-urn";

/** Where the backend's address can be found without a request. */
export interface BackendSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder. */
  readonly cwd: string;
}

/**
 * The address of Pulumi's backend as the CLI chooses it: `PULUMI_BACKEND_URL`, else the project file, else the current login. Two spellings
 * of one address give one text. `undefined` where none is found.
 */
export function backendAddress({ env, cwd }: BackendSources): string | undefined {
  const found = env.PULUMI_BACKEND_URL || projectBackend(cwd) || currentLogin(env);
  if (!found) return undefined;
  // What follows a question mark says how to reach a bucket, such as its region or the user's profile, and not which one it is.
  if (!found.startsWith("file://")) return found.replace(/\?.*$/s, "").replace(/\/+$/, "");
  return `file://${folderOf(found, cwd)}`;
}

/**
 * A digest of the organization and the backend, which a URN does not contain: two backends may each have a stack of the same name. Empty where
 * there is no organization. Nothing is asked over the network, and files are read once.
 */
export function placeFinder(sources: BackendSources): (organization: string | undefined) => string {
  let backend: string | undefined;
  return (organization) => {
    if (organization === undefined) return "";
    backend ??= backendAddress(sources) ?? "";
    return createHash("sha256")
      .update(JSON.stringify([organization, backend]))
      .digest("hex")
      .slice(0, 16);
  };
}

/** A resource of a state, as a message names it. */
export interface Holder {
  readonly stack: string;
  readonly urn: string;
}

/** A resource as a state has it. Secret values are encrypted. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly outputs: Record<string, unknown>;
}

/**
 * The resource that has an object, by its id, according to the states of a backend on this machine's disk; `own` is the URN that does not
 * count. Other backends are not asked: that would be a network call.
 */
export function holderInBackend(id: string, own: string | undefined, sources: BackendSources): Holder | undefined {
  const sid = id.slice(id.lastIndexOf("/") + 1);
  for (const text of statesOf(sources)) {
    if (!text.includes(sid)) continue;
    const holder = resourcesOf(text)
      .flatMap((one) => (one.id === id ? [one.urn] : urnOfItem(one, sid)))
      .find((urn) => urn !== own);
    if (holder !== undefined) return { stack: stackOf(holder), urn: holder };
  }
  return undefined;
}

/** The URN of the item of a set that has an object. */
function urnOfItem({ urn, outputs }: StateResource, sid: string): string[] {
  const keys = Object.entries((outputs.sids ?? {}) as Record<string, unknown>).flatMap(([key, one]) => (one === sid ? [key] : []));
  return keys.map((key) => itemUrn(urn, key));
}

/** The resources of the stack that `urn` is of, according to the states of a backend on this machine's disk; none for other backends. */
export function resourcesOfStack(urn: string, sources: BackendSources): StateResource[] {
  const isOfStack = (one: StateResource) => one.urn.split("::", 2).join("::") === urn.split("::", 2).join("::");
  return [...statesOf(sources)].flatMap((text) => resourcesOf(text).filter(isOfStack));
}

/** The texts of all states of a backend on this machine's disk. */
function* statesOf(sources: BackendSources): Generator<string> {
  const address = backendAddress(sources);
  if (!address?.startsWith("file://")) return;
  for (const file of filesBelow(join(address.slice("file://".length), ".pulumi", "stacks"))) yield textOf(file) ?? "";
}

const stackOf = (urn: string): string => (urn.split("::")[0] ?? "").slice("urn:pulumi:".length);

function folderOf(url: string, cwd: string): string {
  const path = url.slice("file://".length).replace(/^~(?=\/|$)/, homedir());
  const folder = resolve(cwd, path);
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function projectBackend(cwd: string): string | undefined {
  const text = textOf(join(cwd, "Pulumi.yaml")) ?? textOf(join(cwd, "Pulumi.yml")) ?? "";
  return /^backend:\s*(?:#.*)?\n(?:[ \t]+.*\n)*?[ \t]+url:[ \t]*["']?([^"'\s#]+)/m.exec(text)?.[1];
}

function currentLogin(env: BackendSources["env"]): string | undefined {
  const folder = env.PULUMI_CREDENTIALS_PATH || env.PULUMI_HOME || join(homedir(), ".pulumi");
  try {
    return JSON.parse(textOf(join(folder, "credentials.json")) ?? "{}").current || undefined;
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    const bytes = readFileSync(file);
    return decompressed(file, bytes).toString("utf8");
  } catch {
    return undefined;
  }
}

/** The content of a state. Node.js before 22.15 cannot read the format of PULUMI_DIY_BACKEND_ZSTD. */
function decompressed(file: string, bytes: Buffer): Buffer {
  if (file.endsWith(".gz")) return zlib.gunzipSync(bytes);
  return file.endsWith(".zst") ? zlib.zstdDecompressSync(bytes) : bytes;
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.json(\.gz|\.zst)?$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function resourcesOf(text: string): StateResource[] {
  try {
    const resources: StateResource[] = JSON.parse(text).checkpoint?.latest?.resources ?? [];
    return resources.map((one) => ({ ...one, outputs: one.outputs ?? {} }));
  } catch {
    return [];
  }
}
