/** Emulators with snapshots, and what their state contains. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type EmulatorOptions, startEmulator } from "../../../src/emulator";
import { authorizationOf, connect } from "./client";
import { Control } from "./control";
import type { TestEmulator } from "./emulator";

/** A folder until the test finishes. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "twilio-snapshots-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** Starts an emulator until the test finishes. */
export async function start(options: EmulatorOptions = {}): Promise<TestEmulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return { emulator, control: new Control(emulator.url), ...connect(emulator) };
}

/** The records of the emulator's state, as the API lists them. */
export async function contentOf({ api, client, conversations }: Pick<TestEmulator, "api" | "client" | "conversations">) {
  const services = await conversations.services.list();
  return {
    conversations: await Promise.all(
      (await conversations.conversations.list()).map(async ({ sid, friendlyName, dateCreated }) => {
        const messages = await conversations.conversations(sid).messages.list();
        return { sid, friendlyName, dateCreated, messages: messages.map(({ index, body }) => ({ index, body })) };
      }),
    ),
    services: services.map(({ sid, friendlyName }) => ({ sid, friendlyName })),
    numbers: (await api.incomingPhoneNumbers.list()).map(({ phoneNumber }) => phoneNumber),
    keys: (await api.keys.list()).map(({ sid }) => sid).sort(),
    texts: (await client.messages.list()).map(({ sid, status }) => ({ sid, status })),
  };
}

/** Uploads a file to a service. Returns how to read and delete it. */
export async function upload({ emulator }: Pick<TestEmulator, "emulator">, serviceSid: string, body: string) {
  const headers = { authorization: authorizationOf(emulator) };
  const url = `${emulator.url}/mcs.us1.twilio.com/v1/Services/${serviceSid}/Media`;
  const { sid } = (await (await fetch(url, { method: "POST", headers, body })).json()) as { sid: string };
  return {
    sid,
    /** The content, or the status of the error. */
    read: async () => {
      const response = await fetch(`${url}/${sid}/Content`, { headers });
      return response.status === 200 ? response.text() : response.status;
    },
    remove: () => fetch(`${url}/${sid}`, { method: "DELETE", headers }),
  };
}
