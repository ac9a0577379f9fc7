// Records what the real engine prints in previews, for the tests of `ci comment`: node tools/previews/main.mts
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureEngine } from "../engine/engine.mts";
import { startTwilio } from "../lab/emulator.mts";
import { openProgramFolder } from "../lab/program.mts";

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

// A number is given back and one is kept, one is bought; the phone's participant follows; the rest changes a little, one value badly.
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

const twilio = await startTwilio();
const { url, accountSid, authToken } = twilio;
const project = await openProgramFolder(await ensureEngine(), {
  "twilio:baseUrl": url,
  "twilio:accountSid": accountSid,
  "twilio:authToken": authToken,
});
await mkdir(target, { recursive: true });

/** Without what differs from machine to machine. */
async function keep(name: string, text: string): Promise<void> {
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
  await keep("create.json", await project.pulumi(preview));
  await project.pulumi(up);
  await keep("same.json", await project.pulumi(preview));
  await project.write(after);
  await keep("change.json", await project.pulumi(preview));
  await keep("change-without-sames.json", await project.pulumi(["preview", "--json"]));
  await keep("policy-events.jsonl", await policyEvents());
  await project.write(broken);
  await keep("failed.json", await failing(preview));
} finally {
  await project.close();
  await twilio.close();
}

/** What a preview prints that fails. */
async function failing(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const error = await project.pulumi(args, env).then(
    () => new Error("it did not fail"),
    (reason: Error) => reason,
  );
  const [, printed] = /: (\{[\s\S]*\n\})/.exec(error.message) ?? [];
  if (printed === undefined) throw error;
  return printed;
}

/** The events of a preview that a mandatory policy stops, without those that tell of no policy. */
async function policyEvents(): Promise<string> {
  const [pack, bin, log] = ["rules", "bin", "events.jsonl"].map((name) => join(project.folder, name)) as [string, string, string];
  for (const folder of [pack, bin]) await mkdir(folder);
  await writeFile(join(pack, "PulumiPolicy.yaml"), "runtime: recorded\n");
  const plugin = join(bin, "pulumi-analyzer-policy-recorded");
  await writeFile(plugin, `#!/bin/sh\nexec "${process.execPath}" "${fileURLToPath(new URL("analyzer.mts", import.meta.url))}" "$@"\n`);
  await chmod(plugin, 0o755);
  const env = { PULUMI_DEBUG_COMMANDS: "true", PATH: `${bin}${delimiter}${project.env.PATH}` };
  await failing([...preview, "--policy-pack", pack, "--event-log", log], env);
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  return `${lines.filter((line) => /"(policy\w*|preludeEvent|summaryEvent)"/.test(line)).join("\n")}\n`;
}
