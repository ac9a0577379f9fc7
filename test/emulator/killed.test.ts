import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Emulator } from "../../src/emulator";
import { connect } from "./support/client";
import { runServer } from "./support/process";

const KILLS = 20;
const WRITERS = 8;
const SEED = 20_241;

/** What the server has said of each conversation: the name it has, or that it is gone. */
type Fate = { name: string } | "gone";

/** What was told and what was asked, over all the lives of the server. */
class Ledger {
  readonly conversations = new Map<string, Fate>();
  readonly services = new Set<string>();
  /** What was under way when the server died: it may have come through or not. */
  readonly inDoubt = new Map<string, Fate>();
  /** Every SID that was ever answered to a create. */
  readonly made: string[] = [];
  serial = 0;
}

/** Writes until the server is gone. Of each object, one writer knows. */
async function write({ conversations }: ReturnType<typeof connect>, ledger: Ledger): Promise<void> {
  const mine: string[] = [];
  for (let turn = 0; ; turn++) {
    const name = `n${ledger.serial++}`;
    const sid = mine[turn % 7];
    const attempt = async (fate: Fate, work: () => Promise<unknown>) => {
      if (sid === undefined) return;
      ledger.inDoubt.set(sid, fate);
      await work();
      ledger.inDoubt.delete(sid);
      ledger.conversations.set(sid, fate);
    };
    try {
      if (turn % 4 === 3 && sid !== undefined) {
        await attempt({ name }, () => conversations.conversations(sid).update({ friendlyName: name }));
      } else if (turn % 8 === 6 && sid !== undefined) {
        await attempt("gone", () => conversations.conversations(sid).remove());
        mine.splice(turn % 7, 1);
      } else if (turn % 8 === 5) {
        // A service comes with four roles, in one piece.
        const service = await conversations.services.create({ friendlyName: name });
        ledger.services.add(service.sid);
        ledger.made.push(service.sid);
      } else {
        const made = await conversations.conversations.create({ friendlyName: name, uniqueName: name });
        ledger.made.push(made.sid);
        ledger.conversations.set(made.sid, { name });
        mine.push(made.sid);
        await conversations.conversations(made.sid).participants.create({ identity: name });
      }
    } catch (error) {
      // The server has gone; an answer of another kind would be a finding.
      if ((error as { status?: number }).status !== undefined) throw error;
      return;
    }
  }
}

/** What is in the folder now, held against the ledger. */
async function check({ conversations }: ReturnType<typeof connect>, ledger: Ledger): Promise<void> {
  const found = new Map((await conversations.conversations.list({ pageSize: 100 })).map((row) => [row.sid, row]));
  for (const [sid, fate] of ledger.conversations) {
    const row = found.get(sid);
    const now: Fate = row ? { name: row.friendlyName } : "gone";
    expect([fate, ledger.inDoubt.get(sid)], sid).toContainEqual(now);
    ledger.conversations.set(sid, now);
  }
  ledger.inDoubt.clear();
  const services = await conversations.services.list({ pageSize: 100 });
  const sids = new Set(services.map(({ sid }) => sid));
  expect([...ledger.services].filter((sid) => !sids.has(sid))).toEqual([]);
}

/** Nothing is half there: no service without its roles, no name that leads nowhere. */
async function checkWhole({ conversations }: ReturnType<typeof connect>): Promise<void> {
  for (const { sid } of await conversations.services.list({ pageSize: 100 })) {
    expect(await conversations.services(sid).roles.list(), sid).toHaveLength(4);
    expect((await conversations.services(sid).configuration().fetch()).defaultChatServiceRoleSid).toMatch(/^RL/);
  }
  for (const { sid, uniqueName } of await conversations.conversations.list({ pageSize: 100 })) {
    expect((await conversations.conversations(uniqueName).fetch()).sid).toBe(sid);
    for (const { identity } of await conversations.conversations(sid).participants.list())
      expect((await conversations.users(identity).fetch()).identity).toBe(uniqueName);
  }
}

it(`killed at ${KILLS} random moments, it keeps every acknowledged write, and none by half`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "emulator-"));
  const ledger = new Ledger();
  const moments = fc.sample(fc.integer({ min: 1, max: 250 }), { seed: SEED, numRuns: KILLS });
  for (const moment of moments) {
    const server = runServer(folder);
    // The lock of the one that died is taken over: it says where it serves, and not that the folder is in use.
    const client = connect((await server.first) as unknown as Emulator);
    await check(client, ledger);
    const writers = Array.from({ length: WRITERS }, () => write(client, ledger));
    await sleep(moment);
    server.process.kill("SIGKILL");
    await Promise.all(writers);
    expect(await server.ended).toBeNull();
  }
  const last = runServer(folder);
  const client = connect((await last.first) as unknown as Emulator);
  await check(client, ledger);
  await checkWhole(client);
  last.process.kill("SIGKILL");
  await last.ended;
  expect(ledger.made.length).toBeGreaterThan(KILLS);
  expect(new Set(ledger.made).size).toBe(ledger.made.length);
  await rm(folder, { recursive: true });
}, 180_000);
