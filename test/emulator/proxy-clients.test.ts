/** Twilio's own programs, unmodified and with no setting but the proxy's variables. The libraries for Python and Go are in official-clients.test.ts. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepared, sources } from "./support/client-programs";
import { useEmulator } from "./support/emulator";
import { SDKS } from "./support/sdk";

const run = promisify(execFile);
const twilio = useEmulator({ proxy: true });

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "twilio-proxy-home-"));
});
afterAll(() => rm(home, { recursive: true }));

/** Runs a program with the variables of the proxy and, unless it has others, the credentials of the emulator. */
async function output(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { accountSid, authToken, apiKey, apiSecret, proxy } = twilio.emulator;
  const credentials = {
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_API_KEY: apiKey,
    TWILIO_API_SECRET: apiSecret,
  };
  const env = { PATH: process.env.PATH, HOME: home, ...credentials, ...proxy?.environment, ...more };
  const { stdout } = await run(command, args, { env, timeout: 50_000 });
  return stdout;
}
const serviceNames = async () => (await twilio.conversations.services.list()).map(({ friendlyName }) => friendlyName);

describe("Node.js", () => {
  it.each(SDKS)("runs twilio-node and the chat SDK %s: REST, wss and media", async (sdk) => {
    const shown = JSON.parse(await output(process.execPath, [join(sources, "chat.mjs"), sdk]));
    expect(shown).toMatchObject({ received: "Ahoy!", media: "hello", mediaHost: "mcs.us1.twilio.com" });
    const messages = await twilio.conversations.services(shown.service).conversations(shown.conversation).messages.list();
    expect(messages.map(({ author, body }) => [author, body])).toEqual([
      ["testPineapple", "Hi"],
      ["support", "Ahoy!"],
    ]);
  });

  it("reaches Twilio's hosts with fetch, https and tls, and other hosts directly", async () => {
    const program = `
      import { createServer } from "node:http";
      import { get } from "node:https";
      import { connect } from "node:tls";
      const url = "https://conversations.twilio.com/v1/Services";
      const statuses = [(await fetch(url)).status, await new Promise((done) => get(url, (answer) => done(answer.resume().statusCode)))];
      const socket = connect(443, "api.twilio.com", { servername: "api.twilio.com" }, () => statuses.push(socket.authorized));
      await new Promise((done) => socket.once("secureConnect", done));
      socket.destroy();
      const server = createServer((request, response) => response.end("own")).listen(0, "127.0.0.1");
      await new Promise((done) => server.once("listening", done));
      const own = "127.0.0.1:" + server.address().port;
      statuses.push(await (await fetch("http://" + own, { headers: { connection: "close" } })).text());
      await new Promise((done) => server.close(done));
      await fetch("https://" + own).catch(({ cause }) => statuses.push(cause.code));
      console.log(JSON.stringify(statuses));`;
    // Ends by itself: no idle connection keeps the process.
    expect(JSON.parse(await output(process.execPath, ["--input-type=module", "-e", program]))).toEqual([
      401,
      401,
      true,
      "own",
      "ECONNREFUSED",
    ]);
  });

  it("reaches them with Node's own proxy support, too", async () => {
    const program = `fetch("https://conversations.twilio.com/v1/Services").then(({ status }) => console.log(status));`;
    expect(await output(process.execPath, ["-e", program], { NODE_OPTIONS: "", NODE_USE_ENV_PROXY: "1" })).toBe("401\n");
  });

  it("shows why the proxy refuses a host", async () => {
    const program = `require("node:tls").connect({ host: "-.twilio.com", port: 443 }).on("error", ({ message }) => console.log(message));`;
    expect(await output(process.execPath, ["-e", program])).toBe(
      "the proxy of the Twilio emulator responded with HTTP/1.1 403 Forbidden\n",
    );
  });
});

const java = await run("java", ["-version"]).then(
  () => ({}),
  () => ({ reason: "there is no Java" }),
);

describe("Java", () => {
  if ("reason" in java) console.warn(`SKIPPED because ${java.reason}: Java through the proxy.`);

  it.skipIf("reason" in java)("reaches Twilio's hosts with both of its HTTP clients", async () => {
    expect(await output("java", [join(sources, "Ask.java")])).toBe("200\n200\n");
  });
});

const versions = { cli: "6.2.4", token: "6.1.2" };
const npm = (folder: string, what: string) =>
  run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0", what], {
    timeout: 110_000,
  });

const cli = await prepared(`twilio-cli-${versions.cli}`, async (folder) => {
  const program = join(folder, "node_modules", "twilio-cli", "bin", "run");
  if (!existsSync(join(folder, "installed"))) {
    await npm(folder, `twilio-cli@${versions.cli}`);
    await writeFile(join(folder, "installed"), "");
  }
  return { command: [process.execPath, program] };
});

const PLUGIN = "@twilio-labs/plugin-token";
const plugin = await prepared(`plugin-token-${versions.token}`, async (folder) => {
  if (!existsSync(join(folder, "node_modules", PLUGIN))) await npm(folder, `${PLUGIN}@${versions.token}`);
  return { command: [folder] };
});

describe("twilio-cli", () => {
  if ("reason" in cli) console.warn(`SKIPPED because ${cli.reason}: twilio-cli through the proxy.`);
  if ("reason" in plugin) console.warn(`SKIPPED because ${plugin.reason}: twilio-cli's token plugin through the proxy.`);
  const command = (args: readonly string[], env?: NodeJS.ProcessEnv) => {
    const [program, ...first] = "command" in cli ? cli.command : [""];
    return output(program, [...first, ...args], env);
  };

  /** Creates a profile, without credentials in the environment. Returns these variables. */
  async function logIn(profile: string): Promise<NodeJS.ProcessEnv> {
    const { accountSid, authToken } = twilio.emulator;
    const names = ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET"];
    const onlyProfile = Object.fromEntries(names.map((name) => [name, undefined]));
    await command(["profiles:create", accountSid, "--auth-token", authToken, "--profile", profile], onlyProfile);
    return onlyProfile;
  }

  it.skipIf("reason" in cli)("logs in, creates and lists", { timeout: 100_000 }, async () => {
    const env = await logIn("login");
    // For its profile.
    expect((await twilio.api.keys.list()).map(({ friendlyName }) => friendlyName)).toContainEqual(expect.stringContaining("twilio-cli"));
    await command(["api:conversations:v1:services:create", "--friendly-name", "By the CLI", "--profile", "login"], env);
    expect(await serviceNames()).toContain("By the CLI");
    const listed = JSON.parse(await command(["api:conversations:v1:services:list", "-o", "json", "--profile", "login"], env)) as {
      friendlyName: string;
    }[];
    expect(listed.map(({ friendlyName }) => friendlyName).sort()).toEqual((await serviceNames()).sort());
  });

  it.skipIf("reason" in cli || "reason" in plugin)("signs tokens with its plugin", { timeout: 100_000 }, async () => {
    const data = join(home, ".twilio-cli");
    const plugins = [{ name: PLUGIN, type: "link", root: join("command" in plugin ? plugin.command[0] : "", "node_modules", PLUGIN) }];
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "package.json"), JSON.stringify({ private: true, oclif: { schema: 1, plugins }, dependencies: {} }));
    const env = await logIn("emulator");
    const keys = await twilio.api.keys.list();
    const service = `IS${"0".repeat(32)}`;
    const args = ["token:chat", "--identity", "testPineapple", "--chat-service-sid", service, "--profile", "emulator"];
    const token = await command(args, env);
    const claims = JSON.parse(Buffer.from(token.trim().split(".")[1] ?? "", "base64url").toString());
    expect(keys.map(({ sid }) => sid)).toContain(claims.iss);
    expect(claims).toMatchObject({
      sub: twilio.emulator.accountSid,
      grants: { identity: "testPineapple", chat: { service_sid: service } },
    });
  });
});
