import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A database server for the tests. */
export interface Postgres {
  /** The value for `PULUMI_BACKEND_URL`. */
  readonly url: string;
  /** Runs a query and returns the first column. */
  query(sql: string): string[];
  close(): Promise<void>;
}

/** The folder of PostgreSQL's server programs, which is not on the PATH on Debian; `undefined` if they are not installed. */
export function findPostgres(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : [];
  return [...versions, ...(process.env.PATH ?? "").split(delimiter)].find((folder) =>
    ["initdb", "postgres", "psql"].every((name) => existsSync(join(folder, name))),
  );
}

/** Starts a server on a Unix socket in a temporary folder, so that it needs no port. */
export async function startPostgres(programs: string): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), "pg-"));
  // The server refuses to run as root, so it runs as `nobody` in that case.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const run = (name: string, args: string[]) => execFileSync(join(programs, name), args, { ...user, encoding: "utf8", stdio: "pipe" });
  run("initdb", ["-D", data, "-U", "pulumi", "-A", "trust", "--no-sync"]);
  const server = spawn(join(programs, "postgres"), ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"], {
    ...user,
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const query = (sql: string) => run("psql", ["-h", folder, "-U", "pulumi", "-d", "postgres", "-Atc", sql]).trim().split("\n");
  const close = async () => {
    server.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (const until = Date.now() + 30_000; ; await delay(50)) {
    try {
      query("select 1");
      return { url: `postgres://pulumi@/postgres?host=${folder}&sslmode=disable`, query, close };
    } catch (error) {
      if (Date.now() < until && server.exitCode === null) continue;
      await close();
      throw error;
    }
  }
}
