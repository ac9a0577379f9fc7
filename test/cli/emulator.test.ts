import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { launch, run } from "../tools/program";

const CLI = "dist/cli/main.js";

describe("twilio-conversations emulator", () => {
  it("prints the URL and the credentials as its first line, accepts them, and stops cleanly", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const emulator = launch(CLI, ["emulator", "--port", "0", "--json"]);
      await emulator.says(/\n/);
      const [first] = emulator.written().stdout.split("\n");
      const { url, accountSid, authToken, apiKey, apiSecret } = JSON.parse(first as string) as Record<string, string>;
      for (const login of [`${accountSid}:${authToken}`, `${apiKey}:${apiSecret}`]) {
        const authorization = `Basic ${Buffer.from(login).toString("base64")}`;
        const answer = await fetch(`${url}/conversations.twilio.com/v1/Services`, { headers: { authorization } });
        expect(answer.status).toBe(200);
      }
      emulator.interrupt(signal);
      expect(await emulator.ended).toEqual({ code: 0, signal: null, stdout: `${first}\n`, stderr: "" });
    }
  });

  it("prints the commands to type", async () => {
    const emulator = launch(CLI, ["emulator", "--port", "0"]);
    await emulator.says(/outbox/);
    const { stdout } = emulator.written();
    expect(stdout).toMatch(/export TWILIO_BASE_URL=http:\/\/127\.0\.0\.1:\d+\n/);
    expect(stdout).toContain("curl");
    emulator.interrupt();
    expect((await emulator.ended).code).toBe(0);
  });

  it("reports a port that is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await run(CLI, ["emulator", "--port", String(port)])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `error: port ${port} is in use; choose another port with --port, or any free port with --port 0\n`,
    });
    server.close();
  });

  it("refuses an invalid number", async () => {
    for (const [option, value, message] of [
      ["--port", "65536", "It must be a whole number from 0 to 65535."],
      ["--latency", "2147483648", "It must be a whole number from 0 to 2147483647."],
      ["--write-limit", "0", "It must be a whole number from 1 to 10000."],
    ] as const) {
      const refused = await run(CLI, ["emulator", option, value]);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain(`'${value}' is invalid. ${message}`);
    }
    const ended = await run(CLI, ["emulator", "--port", "http"]);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("'http' is invalid. It must be a whole number from 0 to 65535.");
  });
});

describe("twilio-conversations", () => {
  it("suggests the right command for a typo", async () => {
    const ended = await run(CLI, ["emulatr"]);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("(Did you mean emulator?)");
  });

  it("shows examples in its help", async () => {
    const ended = await run(CLI, ["emulator", "--help"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toContain("$ twilio-conversations emulator --state .twilio");
  });
});
