import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Conversation,
  type ConversationArgs,
  ConversationService,
  ConversationWebhook,
  Participant,
  PhoneNumber,
  PushCredential,
} from "../../src/index";
import type { Outcome } from "../support/engine";
import { certificate, privateKey, serviceAccount } from "../support/push-secrets";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

/** Whether a resource has a problem that only the provider sees, and which property it is about. */
type Mistake = "state" | "timers" | "search" | "attributes" | "unknown name" | "twice" | "number search" | "push credential";

describe("values that are secret in the program", () => {
  let lab: Lab;
  let mistake: Mistake | undefined;
  let friendlyName = "c4nary-service";
  const secret = pulumi.secret;

  /** What makes the conversation wrong. */
  const wrong: Partial<Record<Mistake, ConversationArgs>> = {
    state: { state: secret("c4nary" as "active") },
    timers: { timers: secret({ inactive: "c4nary" }) },
    attributes: { attributes: secret("c4nary" as never) },
    "unknown name": { attributess: secret("c4nary") } as never,
  };

  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: secret(friendlyName) });
        const conversation = new Conversation("hello", {
          service,
          uniqueName: secret("c4nary-unique"),
          friendlyName: secret("c4nary-friendly"),
          attributes: { open: 1, list: [{ key: secret("c4nary-nested") }] },
          ...(mistake && wrong[mistake]),
        });
        new Conversation("whole", { service, attributes: secret({ key: "c4nary-whole" }) });
        if (mistake === "twice") new Conversation("again", { service, uniqueName: secret("c4nary-unique") });
        new Participant("ada", { conversation, identity: secret("c4nary-ada") });
        new ConversationWebhook("audit", {
          conversation,
          webhook: { url: secret("https://c4nary.example.com"), filters: ["onMessageAdded"] },
        });
        const contains = mistake === "search" ? "c4nary?" : mistake === "number search" ? "c4nary0000" : "415";
        // Plain values, which are secret by their nature.
        new PushCredential("android", { friendlyName: "Android", fcm: { secret: serviceAccount("c4nary") } });
        new PushCredential("ios", {
          friendlyName: "iOS",
          apn: pulumi.output({ certificate: certificate("c4nary"), privateKey: privateKey("c4nary") }),
        });
        if (mistake === "push credential") new PushCredential("bad", { friendlyName: "Bad", fcm: { secret: "AAAAc4nary" } });
        new PhoneNumber("desk", {
          search: { country: "US", contains: secret(contains) },
          smsUrl: secret("https://c4nary.example.com/sms"),
        });
      },
    });
  });
  afterAll(() => lab.close());

  /** Searches what the engine printed and reported, the state and the notes. */
  async function expectHidden({ text, events }: Outcome): Promise<void> {
    expect(text).not.toContain("c4nary");
    expect(events.split("\n").filter((line) => line.includes("c4nary"))).toEqual([]);
    const files = (await readdir(lab.stack.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) {
      expect(`${name}: ${(await readFile(join(parentPath, name), "latin1")).includes("c4nary")}`).toBe(`${name}: false`);
    }
  }

  it.each<[Mistake, names: string]>([
    ["state", "state must be one of"],
    ["timers", "timers.inactive must be an ISO 8601 duration"],
    ["attributes", "attributes must be an object"],
    ["unknown name", "attributess is not a property of Conversation"],
    ["twice", 'Conversation "again": uniqueName must not be the same as in Conversation "hello": '],
    ["search", "search.contains must look like"],
    ["push credential", "fcm.secret must be the text of the JSON file"],
    ["number search", "search must match a number for sale"],
  ])("do not appear where a preview refuses them, and the error names the property: %s", async (which, names) => {
    mistake = which;
    const outcome = await lab.stack.preview();
    mistake = undefined;
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(names);
    await expectHidden(outcome);
  });

  it("do not appear in an up, its events, its state and its notes", async () => {
    const outcome = await lab.stack.up();
    expectOk(outcome);
    await expectHidden(outcome);
    const { hello, support, android } = await lab.stack.state();
    expect(hello?.inputs.__secrets).toEqual(["attributes", "friendlyName", "uniqueName"]);
    expect(hello?.inputs.uniqueName).toHaveProperty("ciphertext");
    expect(support?.outputs.friendlyName).toHaveProperty("ciphertext");
    expect(android?.inputs.__secrets).toEqual(["fcm.secret"]);
    expectNothing(await lab.stack.preview());
  });

  it("do not appear where Twilio holds other values, nor in the repair", async () => {
    const [service, sid] = String((await lab.stack.state()).hello?.id).split("/") as [string, string];
    await lab.twilio.client.conversations.v1.services(service).conversations(sid).update({ friendlyName: "other", attributes: "{}" });
    const refreshed = await lab.stack.refresh();
    expectOk(refreshed);
    await expectHidden(refreshed);
    const repaired = await lab.stack.up();
    expect(repaired.changes).toEqual({ hello: "update" });
    await expectHidden(repaired);
    expect((await lab.twilio.client.conversations.v1.services(service).conversations(sid).fetch()).friendlyName).toBe("c4nary-friendly");
  });

  it("do not appear where another resource's replacement would lose them", async () => {
    friendlyName = "c4nary-renamed";
    const outcome = await lab.stack.preview();
    friendlyName = "c4nary-service";
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("Twilio cannot rename a service");
    await expectHidden(outcome);
  });

  it("do not appear in a destroy", async () => {
    const outcome = await lab.stack.destroy();
    expectOk(outcome);
    await expectHidden(outcome);
  });
});
