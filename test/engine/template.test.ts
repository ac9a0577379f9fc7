import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator";
import { engineEnv, startCli } from "../support/engine";
import { emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");

describe("the template with the real `pulumi new`", { timeout: 120_000 }, () => {
  let folder: string;
  let project: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-template-"));
    project = join(folder, "my-chat");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function pulumi(cwd: string, ...args: string[]): Promise<string> {
    const env = { ...engineEnv(folder), PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
    const { code, stdout, stderr } = await startCli(args, { cwd, env }).ended;
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  }

  it("creates a project with the given name and without placeholders", async () => {
    const names = ["--name", "my-chat", "--description", "Talks with our customers", "--dir", project];
    await pulumi(folder, "new", join(root, "templates", "twilio-chat"), "--generate-only", "--offline", "--yes", ...names);
    const read = (name: string) => readFile(join(project, name), "utf8");
    expect(JSON.parse(await read("package.json"))).toMatchObject({ name: "my-chat" });
    for (const name of ["Pulumi.yaml", "README.md", "index.ts", "package.json", "tsconfig.json"])
      expect(await read(name)).not.toContain("${");
    expect(await read("README.md")).toContain("Talks with our customers");
  });

  it("deploys to the emulator without configuration, with the phone and the chat in one conversation", async () => {
    // The same result as `npm install` of the published package.
    await symlink(join(root, "node_modules"), join(project, "node_modules"));
    await pulumi(project, "stack", "init", "dev");
    expect(await pulumi(project, "up", "--yes", "--skip-preview")).toContain("+ 6 created");
    const { serviceSid, conversationSid, phoneNumber } = JSON.parse(await pulumi(project, "stack", "output", "--json"));
    const emulator = await startEmulator({ stateDir: join(project, ".twilio") });
    try {
      const conversation = emulatorClient(emulator).client.conversations.v1.services(serviceSid).conversations(conversationSid);
      const found = await conversation.participants.list();
      const who = found.map(
        ({ identity, messagingBinding }) => identity ?? `${messagingBinding.address} by ${messagingBinding.proxy_address}`,
      );
      expect(who.sort()).toEqual([`+15558675310 by ${phoneNumber}`, "chat"]);
    } finally {
      await emulator.close();
    }
  });
});
