// Records the output of previews by the real engine, for the tests of `ci comment`: node tools/previews/main.mts
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureEngine } from "../engine/engine.mts";
import { createCliProject } from "../harness/cli-project.mts";
import { startEmulatorProcess } from "../harness/emulator-process.mts";

const target = fileURLToPath(new URL("../../test/fixtures/previews", import.meta.url));

const before = `
const number = new PhoneNumber("front-desk", { search: { country: "US", smsEnabled: true }, smsUrl: "https://example.com/sms", onDelete: "release" });
const kept = new PhoneNumber("back-office", { areaCode: "510" });
const service = new ConversationService("support", { friendlyName: "Support" });
const hello = new Conversation("hello", {
  service, friendlyName: "Hello", attributes: { color: "red", key: pulumi.secret("hush") }, timers: { closed: "P7D" },
});
new Conversation("secret", { service, friendlyName: pulumi.secret("Sshh") });
new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
new Participant("pineapple", { conversation: hello, identity: "testPineapple", attributes: { vip: true } });
exports.phoneNumber = number.phoneNumber;
`;

// Releases one number, retains one, and buys one, which replaces a participant. Other resources change in place; one value is malicious.
const after = `
const number = new PhoneNumber("sales-desk", { search: { country: "US", smsEnabled: true }, smsUrl: "https://example.com/sms", onDelete: "release" });
const service = new ConversationService("support", { friendlyName: "Support" });
const hello = new Conversation("hello", {
  service, friendlyName: "<img src=x> @all | [x](http://evil.example) \`y\`", attributes: { color: "blue", key: pulumi.secret("psst") }, timers: { closed: "P8D" },
});
new Conversation("secret", { service, friendlyName: pulumi.secret("Louder") });
new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
exports.phoneNumber = number.phoneNumber;
`;

const broken = `
new ConversationService("support", { friendlyName: "Support" });
new Conversation("hello", { timers: { closed: "soon" } });
`;

const emulator = await startEmulatorProcess();
const { url, accountSid, authToken } = emulator;
const project = await createCliProject(await ensureEngine(), {
  "twilio:baseUrl": url,
  "twilio:accountSid": accountSid,
  "twilio:authToken": authToken,
});
await mkdir(target, { recursive: true });

/** Writes a fixture without the parts that differ between machines. */
async function writeFixture(name: string, text: string): Promise<void> {
  const clean = text
    .replaceAll(url, "http://127.0.0.1:4010")
    .replaceAll(project.folder, "/project")
    .replaceAll(authToken, "")
    .replace(/"(sourcePosition|stackTrace)": (?:"[^"]*"|\[[^\]]*\]),?\s*/g, "")
    .replace(/,(\s*[}\]])/g, "$1");
  await writeFile(join(target, name), clean);
}

const preview = ["preview", "--json", "--show-sames"];
const up = ["up", "--yes", "--skip-preview"];
try {
  await project.write(before);
  await writeFixture("create.json", await project.pulumi(preview));
  await project.pulumi(up);
  await writeFixture("same.json", await project.pulumi(preview));
  await project.write(after);
  await writeFixture("change.json", await project.pulumi(preview));
  await writeFixture("change-without-sames.json", await project.pulumi(["preview", "--json"]));
  await writeFixture("policy-events.jsonl", await policyEvents());
  await project.write(broken);
  await writeFixture("failed.json", await outputOfFailure(preview));
} finally {
  await project.close();
  await emulator.close();
}

/** The output of a preview that fails. */
async function outputOfFailure(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const error = await project.pulumi(args, env).then(
    () => new Error("The command must fail, but it succeeded."),
    (reason: Error) => reason,
  );
  const [, printed] = /: (\{[\s\S]*\n\})/.exec(error.message) ?? [];
  if (printed === undefined) throw error;
  return printed;
}

/** The policy events of a preview that a mandatory policy stops. */
async function policyEvents(): Promise<string> {
  const [pack, bin, log] = ["rules", "bin", "events.jsonl"].map((name) => join(project.folder, name)) as [string, string, string];
  for (const folder of [pack, bin]) await mkdir(folder);
  await writeFile(join(pack, "PulumiPolicy.yaml"), "runtime: recorded\n");
  const plugin = join(bin, "pulumi-analyzer-policy-recorded");
  await writeFile(plugin, `#!/bin/sh\nexec "${process.execPath}" "${fileURLToPath(new URL("analyzer.mts", import.meta.url))}" "$@"\n`);
  await chmod(plugin, 0o755);
  const env = { PULUMI_DEBUG_COMMANDS: "true", PATH: `${bin}${delimiter}${project.env.PATH}` };
  await outputOfFailure([...preview, "--policy-pack", pack, "--event-log", log], env);
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  return `${lines.filter((line) => /"(policy\w*|preludeEvent|summaryEvent)"/.test(line)).join("\n")}\n`;
}
