import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { connect, errorOf } from "./support/client";

let emulator: Emulator | undefined;
let elapsedMs = 0;

beforeEach(() => {
  // The limit is in real time, which stands still here.
  vi.spyOn(performance, "now").mockImplementation(() => elapsedMs);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await emulator?.close();
});

/** An emulator with this limit, and a client of it. */
async function openWith(writeLimit: number | undefined) {
  emulator = await startEmulator({ writeLimit });
  return connect(emulator);
}

it("refuses a write too many with Twilio's error, executes nothing, and accepts it a second later", async () => {
  const { conversations, http } = await openWith(3);
  for (let count = 0; count < 3; count++) await conversations.conversations.create();
  expect(await errorOf(conversations.conversations.create())).toEqual({ status: 429, code: 20429, message: "Too Many Requests" });
  expect(http.last().headers["retry-after"]).toBe("1");
  expect(await conversations.conversations.list()).toHaveLength(3);
  elapsedMs += 999;
  expect(await errorOf(conversations.conversations.create())).toMatchObject({ status: 429 });
  elapsedMs += 1;
  const [first] = await conversations.conversations.list();
  await conversations.conversations(String(first?.sid)).remove();
  expect(await conversations.conversations.list()).toHaveLength(2);
});

it("counts each service by itself, no reads, and no other product", async () => {
  const { conversations, api } = await openWith(2);
  const sids = [await conversations.services.create({ friendlyName: "a" }), await conversations.services.create({ friendlyName: "b" })];
  const services = sids.map(({ sid }) => conversations.services(sid).conversations);
  for (const service of services) for (let count = 0; count < 2; count++) await service.create();
  for (const service of services) expect(await errorOf(service.create())).toMatchObject({ code: 20429 });
  for (const service of services) expect(await service.list()).toHaveLength(2);
  for (let count = 0; count < 3; count++) await api.applications.create({ friendlyName: "other" });
});

it("is off by default", async () => {
  const { conversations } = await openWith(undefined);
  for (let count = 0; count < 40; count++) await conversations.conversations.create();
  expect(await conversations.conversations.list()).toHaveLength(40);
});
