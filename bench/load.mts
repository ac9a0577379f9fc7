/** The emulator under load: requests per second beside a bare server, memory in an hour of traffic, and the restart of a large state. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type EmulatorProcess, startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { formatTable } from "../tools/harness/text-table.mts";
import { timed } from "./measure.mts";

const AT_ONCE = 16;
/** An hour of the emulator's time takes a minute. */
const SPEED = 60;

/** The figures of one kind of requests to one server. */
export interface RequestRow {
  readonly server: string;
  readonly requests: string;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Memory, files and requests of an hour of mixed traffic. */
export interface Endurance {
  readonly requests: number;
  /** Resident memory after each tenth of the hour, in MiB. */
  readonly mib: readonly number[];
  /** The largest size of the state folder, in MiB. */
  readonly folderMib: number;
}

/** How long an emulator with a large state needs from its start until it answers. */
export interface Restart {
  readonly records: number;
  readonly afterKillSeconds: number;
  readonly againSeconds: number;
}

/** All figures of the load measurements. */
export interface LoadResult {
  readonly rows: readonly RequestRow[];
  readonly endurance: Endurance;
  readonly restart: Restart;
}

/** Measures requests, endurance and restart. */
export async function measureLoad({
  requests,
  minutes,
  records,
}: {
  requests: number;
  minutes: number;
  records: number;
}): Promise<LoadResult> {
  const rows = await measureRequests(requests);
  return { rows, endurance: await measureEndurance(minutes), restart: await measureRestart(records) };
}

type Send = (method: "GET" | "POST" | "DELETE", path: string, form?: Record<string, string>) => Promise<{ status: number; body: string }>;

/** A client that keeps its connections open, as Twilio's do. */
function clientOf(url: string, login?: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  return (method, path, form) =>
    new Promise((done, failed) => {
      const body = form && new URLSearchParams(form).toString();
      const headers = { ...(body !== undefined && { "content-type": "application/x-www-form-urlencoded" }) };
      const sent = request(`${url}${path}`, { agent, method, headers, ...(login && { auth: login }) }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.once("end", () => done({ status: response.statusCode ?? 0, body: text })).once("error", failed);
      });
      sent.once("error", failed).end(body);
    });
}

const emulatorClient = ({ url, accountSid, authToken }: EmulatorProcess): Send =>
  clientOf(`${url}/conversations.twilio.com`, `${accountSid}:${authToken}`);

/** Sends it, and returns the SID in the response. */
async function create(send: Send, path: string, form: Record<string, string>): Promise<string> {
  const { status, body } = await send("POST", path, form);
  if (status !== 201) throw new Error(`POST ${path}: HTTP ${status}: ${body}`);
  return (JSON.parse(body) as { sid: string }).sid;
}

/** Runs a task this many times, 16 at once, and returns how long each took. */
async function repeat(count: number, task: (index: number) => Promise<unknown>): Promise<number[]> {
  const durations: number[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const { seconds } = await timed(() => task(index));
      durations.push(seconds * 1000);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return durations.sort((a, b) => a - b);
}

async function measureRequests(count: number): Promise<RequestRow[]> {
  const rows: RequestRow[] = [];
  const measure = async (server: string, requests: string, task: (index: number) => Promise<unknown>) => {
    // The first requests compile the server's code.
    await repeat(Math.min(500, count), task);
    const { seconds, result } = await timed(() => repeat(count, task));
    const at = (share: number) => result[Math.floor(result.length * share)] ?? 0;
    rows.push({ server, requests, perSecond: count / seconds, medianMs: at(0.5), p99Ms: at(0.99) });
  };

  const bare = spawn(process.execPath, [fileURLToPath(new URL("bare-server.mts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(bare.stdout, "data")) as [Buffer];
  const floor = clientOf(`http://127.0.0.1:${Number(port)}`);
  await measure("bare server", "read", () => floor("GET", "/"));
  await measure("bare server", "write", () => floor("POST", "/", { Author: "bench", Body: "message" }));
  bare.kill();

  const folder = mkdtempSync(join(tmpdir(), "twilio-load-"));
  for (const [server, stateDir] of [["emulator in memory"], ["emulator with a state folder", folder]] as const) {
    const emulator = await startEmulatorProcess(stateDir === undefined ? {} : { stateDir });
    const send = emulatorClient(emulator);
    const conversation = `/v1/Conversations/${await create(send, "/v1/Conversations", { FriendlyName: "bench" })}`;
    await measure(server, "read", () => send("GET", conversation));
    await measure(server, "write", () => send("POST", `${conversation}/Messages`, { Author: "bench", Body: "message" }));
    await emulator.close();
  }
  rmSync(folder, { recursive: true });
  return rows;
}

/** Traffic that creates as much as it deletes, so that memory which grows is memory that leaks. */
async function measureEndurance(minutes: number): Promise<Endurance> {
  const folder = mkdtempSync(join(tmpdir(), "twilio-load-"));
  const emulator = await startEmulatorProcess({ stateDir: folder });
  const send = emulatorClient(emulator);
  await fetch(`${emulator.url}/_emulator/clock`, { method: "POST", body: JSON.stringify({ speed: SPEED }) });
  const resident = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${emulator.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  const size = () => readdirSync(folder, { recursive: true }).reduce((sum, name) => sum + sizeOf(join(folder, String(name))), 0) / 2 ** 20;
  let [requests, folderMib] = [0, 0];
  const visit = async () => {
    const conversation = `/v1/Conversations/${await create(send, "/v1/Conversations", { State: "active", "Timers.Inactive": "PT1M", "Timers.Closed": "PT10M" })}`;
    for (const identity of ["ada", "ben"]) await create(send, `${conversation}/Participants`, { Identity: identity });
    for (const body of ["Hello", "Hi", "Bye"]) await create(send, `${conversation}/Messages`, { Author: "ada", Body: body });
    await send("GET", `${conversation}/Messages?PageSize=50`);
    await sleep(100);
    await send("DELETE", conversation);
    requests += 8;
  };
  const mib: number[] = [];
  const end = performance.now() + (minutes * 60_000) / SPEED;
  const tenth = (minutes * 60_000) / SPEED / 10;
  const observer = (async () => {
    for (let part = 0; part < 10; part++) {
      await sleep(tenth);
      mib.push(Math.round(resident()));
      folderMib = Math.max(folderMib, size());
    }
  })();
  const visitor = async () => {
    while (performance.now() < end) await visit();
  };
  await Promise.all([observer, ...Array.from({ length: AT_ONCE }, visitor)]);
  await emulator.close();
  rmSync(folder, { recursive: true });
  return { requests, mib, folderMib };
}

/** A file may go away between the list and this. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

async function measureRestart(records: number): Promise<Restart> {
  const folder = mkdtempSync(join(tmpdir(), "twilio-load-"));
  const first = await startEmulatorProcess({ stateDir: folder });
  const send = emulatorClient(first);
  const rooms = await Promise.all(Array.from({ length: 100 }, () => create(send, "/v1/Conversations", {})));
  await repeat(records, (index) =>
    create(send, `/v1/Conversations/${rooms[index % rooms.length]}/Messages`, { Author: "ada", Body: "Hello" }),
  );
  await first.kill();
  const start = () => timed(() => startEmulatorProcess({ stateDir: folder }));
  const afterKill = await start();
  await afterKill.result.close();
  const again = await start();
  await again.result.close();
  rmSync(folder, { recursive: true });
  return { records, afterKillSeconds: afterKill.seconds, againSeconds: again.seconds };
}

/** Prints the figures as tables. */
export function printLoad({ rows, endurance, restart }: LoadResult): void {
  const floorOf = (requests: string) => rows.find((row) => row.requests === requests)?.perSecond ?? Number.NaN;
  const figures = rows.map(({ server, requests, perSecond, medianMs, p99Ms }) => [
    server,
    requests,
    String(Math.round(perSecond)),
    (floorOf(requests) / perSecond).toFixed(1),
    medianMs.toFixed(1),
    p99Ms.toFixed(1),
  ]);
  console.log(`\n${formatTable([["server", "requests", "per second", "x bare server", "median ms", "p99 ms"], ...figures])}`);
  console.log(
    `\nendurance: ${endurance.requests} requests; ${endurance.mib.join(", ")} MiB after each tenth; the state folder had at most ${endurance.folderMib.toFixed(1)} MiB`,
  );
  const seconds = `${restart.afterKillSeconds.toFixed(2)} s after kill -9, ${restart.againSeconds.toFixed(2)} s after a normal end`;
  console.log(`\nrestart with ${restart.records} messages: ${seconds}`);
}
