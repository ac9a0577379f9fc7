/** A process that is killed while it restores a snapshot. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Emulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { runServer } from "./support/process";
import { contentOf, temporaryFolder, upload } from "./support/snapshots";

const KILLS = 12;

it(`has the former state or the restored one, with the content of its media, after each of ${KILLS} kills`, async () => {
  const folder = await temporaryFolder();
  const open = async () => {
    const server = runServer(folder);
    const emulator = (await server.firstLine) as unknown as Emulator;
    return { server, emulator, control: new Control(emulator.url), ...connect(emulator) };
  };
  type Opened = Awaited<ReturnType<typeof open>>;
  const first = await open();
  const { sid } = await first.conversations.services.create({ friendlyName: "Support" });
  await first.control.ok("POST", "snapshots", { name: "empty" });
  /** Creates a state with a name and a file, whose SID is the same in each state. */
  const create = async (name: string) => {
    await first.control.ok("POST", "snapshots/empty/restore");
    const media = await upload(first, sid, name);
    for (const _ of Array(20)) await first.conversations.conversations.create({ friendlyName: name });
    await first.control.ok("POST", "snapshots", { name });
    return media.sid;
  };
  const file = await create("red");
  expect(await create("blue")).toBe(file);
  const stop = async ({ server }: Opened) => {
    server.process.kill("SIGKILL");
    await server.exitCode;
  };
  await stop(first);

  for (let kill = 0; kill < KILLS; kill++) {
    const running = await open();
    const { conversations } = await contentOf(running);
    const names = new Set(conversations.map(({ friendlyName }) => friendlyName));
    expect([conversations.length, names.size]).toEqual([20, 1]);
    const [name] = names;
    const headers = {
      authorization: `Basic ${Buffer.from(`${running.emulator.accountSid}:${running.emulator.authToken}`).toString("base64")}`,
    };
    const url = `${running.emulator.url}/mcs.us1.twilio.com/v1/Services/${sid}/Media/${file}/Content`;
    expect(await (await fetch(url, { headers })).text()).toBe(name);
    expect(readdirSync(folder).filter((entry) => /^media/.test(entry))).toHaveLength(1);
    // A kill may leave the third snapshot, but no content of media without its snapshot.
    const stored = readdirSync(join(folder, "snapshots"));
    expect(stored.filter((entry) => /^media/.test(entry))).toHaveLength(stored.filter((entry) => entry.endsWith(".json")).length);
    // Restores one after the other until the kill.
    const restoring = (async () => {
      for (let turn = 0; ; turn++) {
        const target = ["red", "blue"][turn % 2];
        await running.control.ok(
          "POST",
          turn % 5 === 4 ? "snapshots" : `snapshots/${target}/restore`,
          turn % 5 === 4 ? { name: "again" } : undefined,
        );
        if (turn % 5 === 4) await running.control.ok("DELETE", "snapshots/again");
      }
    })().catch(() => {});
    await sleep(20 + kill * 7);
    await stop(running);
    await restoring;
  }
}, 120_000);
