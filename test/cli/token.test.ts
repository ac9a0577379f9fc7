import { createHmac } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { emulatorClient } from "../engine/twilio";
import type { Ended } from "../tools/program";
import { openProject, type Project } from "./project";

/** Decodes a token and checks its signature, as RFC 7515 specifies. */
function read(token: string, secret: string) {
  const [header, payload, signature] = token.split(".") as [string, string, string];
  expect(createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url")).toBe(signature);
  const json = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  return { header: json(header), claims: json(payload) };
}

describe("twilio-conversations token", () => {
  let stateDir: string;
  let emulator: Emulator;
  let serviceSid: string;
  let otherService: string;
  let project: Project;
  let environment: Record<string, string>;
  let said = "";
  const token = async (args: string[], env?: NodeJS.ProcessEnv): Promise<Ended> => {
    const ended = await project.command(["token", ...args], env);
    said += ended.stdout + ended.stderr;
    return ended;
  };

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "twilio-token-"));
    emulator = await startEmulator({ stateDir });
    const { services } = emulatorClient(emulator).client.conversations.v1;
    serviceSid = (await services.create({ friendlyName: "Support" })).sid;
    otherService = (await services.create({ friendlyName: "Sales" })).sid;
    const { sid } = await services(serviceSid).conversations.create();
    await services(serviceSid).conversations(sid).participants.create({ identity: "testPineapple" });
    project = await openProject({ "twilio:backend": "emulator", "twilio:stateDir": stateDir }, { serviceSid }, { hasPassphrase: true });
    environment = {
      TWILIO_BASE_URL: emulator.url,
      TWILIO_ACCOUNT_SID: emulator.accountSid,
      TWILIO_API_KEY: emulator.apiKey,
      TWILIO_API_SECRET: emulator.apiSecret,
    };
  });
  afterAll(async () => {
    await project?.close();
    await emulator?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  it("prints only the token, for the service in the stack's outputs, valid for one hour", async () => {
    const { code, stdout, stderr } = await token(["--identity", "testPineapple", "--stack", "dev"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { header, claims } = read(stdout.trim(), emulator.apiSecret);
    expect(header).toEqual({ alg: "HS256", typ: "JWT", cty: "twilio-fpa;v=1" });
    expect(claims).toMatchObject({
      iss: emulator.apiKey,
      sub: emulator.accountSid,
      grants: { identity: "testPineapple", chat: { service_sid: serviceSid } },
    });
    expect(claims.exp - claims.iat).toBe(3600);
    expect(Math.abs(claims.iat - Date.now() / 1000)).toBeLessThan(60);
  });

  it("--json adds claims and expiry", async () => {
    const { stdout } = await token(["--identity", "testPineapple", "--stack", "dev", "--ttl", "180", "--json"]);
    const shown = JSON.parse(stdout) as { token: string; claims: { iat: number; exp: number }; expires: string };
    expect(Object.keys(shown)).toEqual(["token", "claims", "expires"]);
    expect(shown.claims).toEqual(read(shown.token, emulator.apiSecret).claims);
    expect(shown.claims.exp - shown.claims.iat).toBe(180);
    expect(Date.parse(shown.expires)).toBe(shown.claims.exp * 1000);
  });

  it("warns of an identity that is in no conversation, says what to do, and prints the token", async () => {
    for (const args of [
      ["--identity", "testpineapple"],
      ["--identity", "testPineapple", "--service", otherService],
    ]) {
      const { code, stdout, stderr } = await token([...args, "--stack", "dev"]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/^warning: "test.ineapple" is not a participant of any conversation in IS/);
      expect(stderr).toContain(`new Participant("…", { conversation, identity: "${args[1]}" })`);
      expect(read(stdout.trim(), emulator.apiSecret).claims.grants.identity).toBe(args[1]);
    }
  });

  it("prints no token for a service that the account does not have", async () => {
    const nowhere = `IS${"0".repeat(32)}`;
    const ended = await token(["--identity", "testPineapple", "--service", nowhere, "--stack", "dev"]);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(
      new RegExp(
        `^error: account ${emulator.accountSid} has no conversation service ${nowhere}, .* with --service, or .*\`pulumi up\`\\.\n$`,
      ),
    );
  });

  it("prints the token with a warning if the service cannot be read, as with a restricted key", async () => {
    const twilio = emulatorClient(emulator);
    await twilio.fault({ path: "*/ParticipantConversations", status: 403, code: 20403 });
    const { code, stdout, stderr } = await token(["--identity", "testPineapple", "--stack", "dev"]);
    await twilio.forgetFaults();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^eyJ/) });
    expect(stderr).toMatch(/^warning: cannot check whether testPineapple is in a conversation/);
  });

  it("signs with a Twilio CLI profile, without the stack's credentials", async () => {
    const { accountSid, apiKey, apiSecret } = emulator;
    await mkdir(join(project.folder, ".twilio-cli"));
    const profiles = { "project-danger": { accountSid, apiKey, apiSecret }, bare: { accountSid, authToken: emulator.authToken } };
    await writeFile(join(project.folder, ".twilio-cli", "config.json"), JSON.stringify({ profiles }));
    const args = ["--identity", "testPineapple", "--stack", "dev"];
    // A stack whose secrets cannot be decrypted here.
    const env = { TWILIO_BASE_URL: emulator.url, PULUMI_CONFIG_PASSPHRASE: "wrong" };
    const { code, stdout, stderr } = await token([...args, "--profile", "project-danger"], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(read(stdout.trim(), apiSecret).claims).toMatchObject({ iss: apiKey, grants: { chat: { service_sid: serviceSid } } });

    const refused = await token([...args, "--profile", "bare"], env);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/an access token must be signed with an API key.*"bare".*only the auth token/);
    expect(refused.stderr).toContain("twilio api:core:keys:create");
  });

  it("needs no stack if the environment and the flag are enough", async () => {
    const args = ["--identity", "testPineapple", "--service", serviceSid];
    for (const env of [environment, { ...environment, PATH: "/nowhere" }]) {
      const { code, stdout, stderr } = await token(args, env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(read(stdout.trim(), emulator.apiSecret).claims.iss).toBe(emulator.apiKey);
    }
  });

  it.each([
    ["no stack is selected", [], {}, /no Twilio credentials found[\s\S]*No stack was read: no stack is selected/],
    ["no service is known", [], "environment", /Give --service IS…[\s\S]*no stack is selected/],
    ["the stack is not there", ["--stack", "prod"], {}, /the stack prod cannot be read: no stack named 'prod' found/],
    ["there is no CLI", ["--stack", "dev"], { PATH: "/nowhere" }, /the stack dev cannot be read: there is no `pulumi` on the PATH/],
    ["the passphrase is wrong", ["--stack", "dev"], { PULUMI_CONFIG_PASSPHRASE: "wrong" }, /the stack dev cannot be read: .*passphrase/],
    ["the service is not a SID", ["--stack", "dev", "--service", "Support"], {}, /--service is "Support", which is not/],
    [
      "the ttl is too short",
      ["--stack", "dev", "--ttl", "179"],
      {},
      /option '--ttl <seconds>' argument '179' is invalid\. It must be a whole number from 180 to 86400\./,
    ],
    ["the ttl is too long", ["--stack", "dev", "--ttl", "86401"], {}, /'86401' is invalid/],
    [
      "the identity is empty",
      ["--identity", ""],
      {},
      /option '--identity <identity>' argument '' is invalid\. It must have 1 to 256 characters\./,
    ],
    ["the identity is too long", ["--identity", "é".repeat(257)], {}, /It must have 1 to 256 characters\./],
  ])("says what to do when %s", async (_what, args, env, message) => {
    const ended = await token(["--identity", "testPineapple", ...args], env === "environment" ? environment : (env as NodeJS.ProcessEnv));
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(message);
  });

  it("prints no secret and stores no token", async () => {
    expect(said).not.toBe("");
    for (const secret of [emulator.apiSecret, emulator.authToken, "a secret of the program"]) expect(said).not.toContain(secret);
    const tokens = new Set(said.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g));
    for (const folder of [project.folder, stateDir]) {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const text = await readFile(join(entry.parentPath, entry.name), "utf8");
        for (const token of tokens) expect(text.includes(token), entry.name).toBe(false);
      }
    }
  });
});
