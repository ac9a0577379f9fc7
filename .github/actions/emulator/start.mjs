// Starts the emulator in the background, and tells the next steps of the job where it is.
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const NAME = "pulumi-twilio-conversations";
const TIMEOUT_MS = 60_000;
const { EMULATOR_PACKAGE, EMULATOR_STATE, EMULATOR_SEED, EMULATOR_DATA, EMULATOR_PROXY = "false" } = process.env;
const { GITHUB_ENV, GITHUB_OUTPUT, RUNNER_TEMP = tmpdir() } = process.env;

try {
  if (!/^(true|false)$/.test(EMULATOR_PROXY))
    throw new Error(`The input proxy must be true or false; received ${JSON.stringify(EMULATOR_PROXY)}.`);
  await start(mkdtempSync(join(RUNNER_TEMP, "twilio-emulator-")));
} catch (error) {
  console.log(`::error title=Twilio emulator::${escaped(error.message)}`);
  process.exitCode = 1;
}

async function start(folder) {
  const emulator = await launch(folder);
  const { url, accountSid, authToken, apiKey, apiSecret, proxy } = emulator;
  // Before anything else, so that no later step can print them.
  for (const secret of [authToken, apiSecret]) console.log(`::add-mask::${secret}`);
  const { ok, status } = await fetch(`${url}/_emulator/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!ok) throw new Error(`The emulator at ${url} is not healthy: HTTP ${status}.`);
  const variables = {
    TWILIO_BASE_URL: url,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_API_KEY: apiKey,
    TWILIO_API_SECRET: apiSecret,
  };
  if (proxy) {
    // In a file, because GitHub's own actions would use the proxy too, which refuses GitHub. Besides, a job cannot set NODE_OPTIONS.
    variables.TWILIO_PROXY_ENV = join(folder, "proxy.sh");
    const lines = Object.entries(proxy.environment).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`);
    writeFileSync(variables.TWILIO_PROXY_ENV, lines.join(""), { mode: 0o600 });
  }
  store(GITHUB_ENV, variables);
  store(GITHUB_OUTPUT, { url, "account-sid": accountSid, log: join(folder, "log") });
  console.log(`The Twilio emulator runs at ${url} (account ${accountSid}, process ${emulator.pid}).`);
}

/** Starts the process, which outlives this one, and returns what it prints first: its URL and credentials. */
async function launch(folder) {
  const [out, log] = [join(folder, "json"), join(folder, "log")];
  const files = [out, log].map((path) => openSync(path, "a", 0o600));
  const args = ["emulator", "--port", "0", "--json"];
  if (EMULATOR_STATE) args.push("--state", EMULATOR_STATE);
  if (EMULATOR_SEED) args.push("--seed", EMULATOR_SEED);
  if (EMULATOR_DATA) args.push("--data", EMULATOR_DATA);
  if (EMULATOR_PROXY === "true") args.push("--proxy");
  const child = spawn(process.execPath, [cliIn(folder), ...args], { detached: true, stdio: ["ignore", ...files] });
  for (const file of files) closeSync(file);
  let failure;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, signal) => {
    failure = `it ended with ${signal ?? code}`;
  });
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline && failure === undefined; await sleep(20)) {
    const [line, ...rest] = readFileSync(out, "utf8").split("\n");
    if (rest.length === 0) continue;
    child.unref();
    return { ...JSON.parse(line), pid: child.pid };
  }
  if (failure === undefined) process.kill(child.pid);
  throw new Error(`The emulator did not start: ${failure ?? `no output for ${TIMEOUT_MS / 1000} s`}. ${readFileSync(log, "utf8").trim()}`);
}

/** The command's file: of the package that the job has installed, otherwise of one that is installed beside it. */
function cliIn(folder) {
  const found = [process.cwd(), folder].map((parent) => join(parent, "node_modules", NAME, "dist", "cli", "main.js"));
  if (existsSync(found[0])) return found[0];
  const options = ["--omit=peer", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
  execFileSync("npm", ["install", "--prefix", folder, ...options, EMULATOR_PACKAGE || NAME], { stdio: ["ignore", "inherit", "inherit"] });
  return found[1];
}

/** Adds values to a file of the runner. The end mark is random, so that no value can end itself and set others. */
function store(file, values) {
  if (!file) throw new Error("GITHUB_ENV and GITHUB_OUTPUT must be set. This script is a step of a GitHub action.");
  const mark = randomUUID();
  for (const [name, value] of Object.entries(values)) appendFileSync(file, `${name}<<${mark}\n${value}\n${mark}\n`);
}

function escaped(message) {
  return message.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
