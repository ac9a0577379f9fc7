import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineEnv, startCli } from "../support/engine";
import { findPostgres, type Postgres, startPostgres } from "../support/postgres";

const root = join(import.meta.dirname, "..", "..");
const programs = findPostgres();
if (programs === undefined)
  console.warn("SKIPPED because PostgreSQL was not found: a stack in a PostgreSQL backend. Install it (apt-get install postgresql).");

describe.skipIf(programs === undefined)("a stack in a PostgreSQL backend", { timeout: 120_000 }, () => {
  let folder: string;
  let postgres: Postgres;

  beforeAll(async () => {
    postgres = await startPostgres(programs as string);
    folder = await mkdtemp(join(tmpdir(), "twilio-postgres-"));
    await copyFile(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    const text = await readFile(join(root, "Pulumi.pr.yaml"), "utf8");
    await writeFile(join(folder, "Pulumi.pr.yaml"), `${text.trimEnd()}\n  twilio:stateDir: ${join(folder, "twilio")}\n`);
  });
  afterAll(async () => {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function pulumi(...args: string[]): Promise<string> {
    const env = { ...engineEnv(folder), PULUMI_BACKEND_URL: postgres.url, PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
    const isInit = args[1] === "init";
    const config = isInit ? [] : ["--stack", "pr", ...(args[0] === "stack" ? [] : ["--config-file", join(folder, "Pulumi.pr.yaml")])];
    const { code, stdout, stderr } = await startCli([...args, ...config], { cwd: isInit ? folder : root, env }).ended;
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  }

  it("is created and found by the next run, with its state in the database and not in a file", async () => {
    await pulumi("stack", "init", "pr", "--no-select");
    expect(await pulumi("up", "--yes", "--skip-preview")).toContain("+ 6 created");
    expect(await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")).toContain("6 unchanged");
    const { serviceSid } = JSON.parse(await pulumi("stack", "output", "--json")) as { serviceSid: string };
    const [text = ""] = postgres.query("select data->>'data' from pulumi_state where key like '%/stacks/%/pr.json'");
    const state = JSON.parse(Buffer.from(text, "base64").toString()) as { checkpoint: { latest: { resources: { id?: string }[] } } };
    expect(state.checkpoint.latest.resources.map(({ id }) => id)).toContain(serviceSid);
    expect(existsSync(join(folder, ".pulumi"))).toBe(false);
  });
});
