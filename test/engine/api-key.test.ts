import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ApiKey, ConversationService, TwilioProvider } from "../../src/index";
import type { Outcome } from "../support/engine";
import { expectOk, type Lab, openLab } from "./lab";

/** Expects the secret in no output, event or file of the stack, and ciphertext in the state. */
async function expectHidden({ stack }: Lab, secret: string, operation: string, { text, events }: Outcome): Promise<void> {
  for (const [where, searched] of [
    ["prints", text],
    ["publishes", events],
  ] as const) {
    const at = searched.indexOf(secret);
    expect(at < 0 ? "" : `what ${operation} ${where}: ${searched.slice(Math.max(0, at - 300), at)}`).toBe("");
  }
  const entries = await readdir(stack.folder, { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const file = join(parentPath, name);
    expect((await readFile(file, "latin1")).includes(secret), file).toBe(false);
  }
  expect((await stack.state()).ci?.outputs.secret).toHaveProperty("ciphertext");
}

it("a new key signs in to the run that creates it; its secret is encrypted in the state and appears nowhere, also after a refresh and an update", async () => {
  const lab = await openLab();
  const { accountSid } = lab.twilio;
  let friendlyName = "ci";
  const secrets = new Set<string>();
  lab.stack.program = async () => {
    const key = new ApiKey("ci", { friendlyName });
    key.secret.apply((secret) => secret !== undefined && secrets.add(secret));
    const provider = new TwilioProvider("by-key", { accountSid, apiKey: key.sid, apiSecret: key.secret });
    new ConversationService("support", { friendlyName: "Support" }, { provider });
  };
  try {
    expectOk(await lab.stack.preview());
    for (const operation of ["up", "refresh", "the second up"]) {
      if (operation === "the second up") friendlyName = "build";
      const outcome = await lab.stack[operation === "refresh" ? "refresh" : "up"]({ debug: true });
      expectOk(outcome);
      if (operation !== "up") expect(outcome.changes).toEqual(operation === "refresh" ? {} : { ci: "update" });
      expect(secrets.size).toBe(1);
      await expectHidden(lab, [...secrets][0] as string, operation, outcome);
    }
    expectOk(await lab.stack.destroy());
  } finally {
    await lab.close();
  }
});
