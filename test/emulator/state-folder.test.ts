/** What a repository or another user can put into a state folder. */
import { once } from "node:events";
import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { attachEmulator, type Emulator, startEmulator } from "../../src/emulator";
import { connect } from "./support/client";

let root: string;
let folder: string;
const running: Emulator[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "twilio-state-"));
  folder = join(root, ".twilio");
});
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
  await rm(root, { recursive: true });
});

async function start(): Promise<Emulator> {
  const emulator = await startEmulator({ stateDir: folder });
  running.push(emulator);
  return emulator;
}
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A file outside of the state folder. */
function precious(): string {
  const path = join(root, "precious");
  writeFileSync(path, "precious");
  return path;
}

/** Creates a service with a file, so that each kind of file exists. Returns how to delete the file. */
async function upload({ url, ...emulator }: Emulator): Promise<() => Promise<Response>> {
  const { sid } = await connect({ url, ...emulator }).conversations.services.create({ friendlyName: "Support" });
  const authorization = `Basic ${Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString("base64")}`;
  const media = `${url}/mcs.us1.twilio.com/v1/Services/${sid}/Media`;
  const response = await fetch(media, { method: "POST", headers: { authorization }, body: "hello" });
  expect(response.status).toBe(201);
  const file = ((await response.json()) as { sid: string }).sid;
  return () => fetch(`${media}/${file}`, { method: "DELETE", headers: { authorization } });
}

describe("a state folder", () => {
  it("and its files are for their owner only, whatever the umask", async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    await upload(await start());
    expect(modeOf(folder)).toBe("700");
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
    expect(paths.length).toBeGreaterThan(4);
    for (const path of paths) expect(`${modeOf(path)} ${path}`).toBe(`${statSync(path).isDirectory() ? "700" : "600"} ${path}`);
  });

  it("contains the content of media until they are deleted, or the emulator is reset", async () => {
    const emulator = await start();
    const files = () => readdirSync(join(folder, "media"));
    const remove = await upload(emulator);
    await upload(emulator);
    expect(files()).toHaveLength(2);
    expect((await remove()).status).toBe(204);
    expect(files()).toHaveLength(1);
    await emulator.reset();
    expect(files()).toEqual([]);
  });

  it("must not be a link, which a repository may contain", async () => {
    for (const target of [root, join(root, "nowhere")]) {
      symlinkSync(target, folder);
      await expect(start()).rejects.toThrow(`${folder} must be a folder, but is a symbolic link.`);
      await expect(attachEmulator(folder)).rejects.toThrow("symbolic link");
      await rm(folder);
    }
    expect(readdirSync(root)).toEqual([]);
  });

  it("may be below a link, and may exist with another mode", async () => {
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    folder = join(root, "link", ".twilio");
    mkdirSync(folder, { mode: 0o755 });
    await upload(await start());
    expect(existsSync(join(root, "real", ".twilio", "state.json"))).toBe(true);
  });

  it("with a link as its media folder deletes nothing behind the link", async () => {
    const path = precious();
    mkdirSync(folder);
    symlinkSync(root, join(folder, "media"));
    await expect(start()).rejects.toThrow("media must be a folder, but is a symbolic link");
    expect(readFileSync(path, "utf8")).toBe("precious");
    expect(existsSync(join(folder, "lock.json"))).toBe(false);
  });

  it("with links as its files writes nothing behind the links", async () => {
    const path = precious();
    mkdirSync(folder);
    const names = ["journal-1.ndjson", "journal-2.ndjson", `state.json.${process.pid}.tmp`, `lock.json.${process.pid}.tmp`];
    for (const name of names) symlinkSync(path, join(folder, name));
    symlinkSync(join(root, "new"), join(folder, `credentials.json.${process.pid}.tmp`));
    await upload(await start());
    expect(readFileSync(path, "utf8")).toBe("precious");
    expect(existsSync(join(root, "new"))).toBe(false);
    expect(lstatSync(join(folder, "state.json")).isFile()).toBe(true);
  });
});

describe("a lock file that came with a repository", () => {
  /** A lock of a live process that names this URL. */
  function plant(url: string): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "lock.json"), JSON.stringify({ instance: "theirs", pid: process.ppid, host: hostname(), url }));
  }

  it("cannot send clients to another machine", async () => {
    for (const url of [
      "http://evil.example",
      "https://evil.example:4010",
      "http://127.0.0.1.evil.example",
      "http://127.0.0.1@evil.example",
      "x",
    ]) {
      plant(url);
      await expect(attachEmulator(folder)).rejects.toThrow("lock.json must name an emulator on this machine");
      await expect(start()).rejects.toThrow("lock.json must name an emulator on this machine");
    }
  });

  it("cannot do so with a redirect either", async () => {
    const asked: string[] = [];
    const health = createServer((request, response) => {
      asked.push(`${request.headers.host}`);
      response.setHeader("Content-Type", "application/json").end('{"instance":"theirs"}');
    }).listen(0, "127.0.0.1");
    const redirect = createServer((_request, response) => {
      response.writeHead(302, { Location: `http://127.0.0.2:${(health.address() as AddressInfo).port}/` }).end();
    }).listen(0, "127.0.0.1");
    onTestFinished(() => {
      for (const server of [health, redirect]) server.close();
    });
    await Promise.all([health, redirect].map((server) => server.listening || once(server, "listening")));
    plant(`http://127.0.0.1:${(redirect.address() as AddressInfo).port}`);
    const emulator = await attachEmulator(folder);
    running.push(emulator);
    expect(asked).toEqual([]);
    expect(emulator.url).not.toContain(`:${(redirect.address() as AddressInfo).port}`);
  });

  it.runIf(process.getuid?.() === 0)("cannot belong to another user than the folder", async () => {
    plant("http://127.0.0.1:1");
    chownSync(join(folder, "lock.json"), 12_345, 12_345);
    await expect(start()).rejects.toThrow("lock.json belongs to another user, who is not the owner of the folder");
  });

  it("is not read through a link", async () => {
    mkdirSync(folder);
    symlinkSync(precious(), join(folder, "lock.json"));
    await expect(start()).rejects.toThrow("lock.json must be a file");
  });

  it("leaves nothing in the process after the emulator has closed", async () => {
    const before = process.listenerCount("exit");
    await (await start()).close();
    expect(process.listenerCount("exit")).toBe(before);
    expect(existsSync(join(folder, "lock.json"))).toBe(false);
  });

  it("names the emulator of this machine otherwise", async () => {
    const { url } = await start();
    expect((await attachEmulator(folder)).url).toBe(url);
  });
});

describe("a lock that names a URL", () => {
  /** Answers health checks at the URL of a lock: each with the next response, `undefined` not at all, and the last one from then on. */
  async function plant(host: string, responses: readonly (string | undefined)[], onAsked = (_times: number) => {}): Promise<void> {
    let asked = 0;
    const server = createServer((_request, response) => {
      const instance = responses[Math.min(asked, responses.length - 1)];
      asked += 1;
      onAsked(asked);
      if (instance !== undefined) response.setHeader("Connection", "close").end(JSON.stringify({ instance }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      vi.restoreAllMocks();
      server.closeAllConnections();
      server.close();
    });
    mkdirSync(folder, { recursive: true });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(join(folder, "lock.json"), JSON.stringify({ instance: "theirs", pid: process.ppid, host, url }));
  }
  const holder = () => JSON.parse(readFileSync(join(folder, "lock.json"), "utf8")).instance;

  it("of another host stays, although its URL leads to nothing here: two containers may share a folder", async () => {
    await plant("another-container", ["something else"], (times) => {
      // The time limit has passed.
      if (times === 3) vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    });
    await expect(start()).rejects.toThrow("is locked, but its emulator does not respond");
    expect(holder()).toBe("theirs");
  });

  it("of this host stays while its emulator is too busy to respond", async () => {
    const { timeout } = AbortSignal;
    vi.spyOn(AbortSignal, "timeout").mockImplementation(() => timeout.call(AbortSignal, 100));
    await plant(hostname(), [undefined, undefined, "theirs"]);
    await expect(start()).rejects.toThrow("is already served by the emulator at");
    expect(holder()).toBe("theirs");
  });

  it("of this host is taken over where something else responds at its URL: the process id is in use again", async () => {
    await plant(hostname(), ["something else"]);
    const { url } = await start();
    expect((await attachEmulator(folder)).url).toBe(url);
  });
});
