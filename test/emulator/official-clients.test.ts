/** The quickstart with Twilio's libraries for Python and Go, where their registries can be reached. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type Prepared, prepared, sources } from "./support/client-programs";
import { useEmulator } from "./support/emulator";

const run = promisify(execFile);
const versions = { python: "9.13.0", go: "1.31.0" };

const python = await prepared(`python-${versions.python}`, async (folder) => {
  const installed = join(folder, "installed");
  const bin = join(folder, "env", "bin");
  if (!existsSync(installed)) {
    await run("python3", ["-m", "venv", join(folder, "env")], { timeout: 60_000 });
    const options = ["--quiet", "--disable-pip-version-check", "--retries", "0", "--timeout", "10"];
    await run(join(bin, "pip"), ["install", ...options, `twilio==${versions.python}`], { timeout: 100_000 });
    await writeFile(installed, "");
  }
  return { command: [join(bin, "python"), join(sources, "quickstart.py")] };
});

// The second build: its program also uses the proxy.
const go = await prepared(`go-${versions.go}-2`, async (folder) => {
  const binary = join(folder, "quickstart");
  if (existsSync(binary)) return { command: [binary] };
  // To compile all of Twilio's products takes minutes.
  if (!process.env.TEST_GO_CLIENT) return { reason: "TEST_GO_CLIENT is not set" };
  await copyFile(join(sources, "quickstart.go"), join(folder, "main.go"));
  await writeFile(join(folder, "go.mod"), `module quickstart\n\ngo 1.21\n\nrequire github.com/twilio/twilio-go v${versions.go}\n`);
  const options = { cwd: folder, timeout: 900_000, env: { ...process.env, GOFLAGS: "-mod=mod" } };
  await run("go", ["build", "-o", binary, "."], options);
  return { command: [binary] };
});

const twilio = useEmulator({ proxy: true });

/** The variables that lead a client to the emulator. */
const ways: Readonly<Record<string, () => NodeJS.ProcessEnv>> = {
  "at its own URL": () => ({ TWILIO_BASE_URL: twilio.emulator.url }),
  "without changes, through the proxy": () => twilio.emulator.proxy?.environment ?? {},
};
const clients: readonly (readonly [string, Prepared])[] = [
  ["Python", python],
  ["Go", go],
];

describe.each(clients)("Twilio's library for %s", (language, client) => {
  if ("reason" in client) console.warn(`SKIPPED because ${client.reason}: the quickstart with Twilio's library for ${language}.`);

  it.skipIf("reason" in client).each(Object.keys(ways))(
    "creates a number, a service, a conversation, participants and a message %s",
    { timeout: 60_000 },
    async (way) => {
      const [command, ...args] = "command" in client ? client.command : [""];
      const { accountSid, authToken } = twilio.emulator;
      const env = { ...process.env, ...ways[way]?.(), TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
      const { stdout } = await run(command, args, { env });
      const told = JSON.parse(stdout);
      expect(told).toMatchObject({ participants: true, messages: [["testPineapple", "Ahoy!"]], byName: told.conversation, refusal: 50433 });

      const [number] = await twilio.api.incomingPhoneNumbers.list();
      expect(number?.sid).toBe(told.number);
      const service = twilio.client.conversations.v1.services(told.service);
      expect((await service.fetch()).friendlyName).toBe("Support");
      const conversation = service.conversations(told.conversation);
      expect(await conversation.fetch()).toMatchObject({ friendlyName: "My First Conversation", uniqueName: "hello" });
      const people = await conversation.participants.list();
      expect(people.map(({ identity, messagingBinding }) => identity ?? messagingBinding.proxy_address).sort()).toEqual(
        [number?.phoneNumber, "testPineapple"].sort(),
      );
      expect((await conversation.messages.list()).map(({ sid }) => sid)).toEqual([told.message]);
    },
  );
});
