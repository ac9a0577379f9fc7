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

/** The last acknowledged state of a conversation. */
type State = { name: string } | "deleted";

/** All acknowledged and pending changes, across all restarts of the server. */
class Ledger {
  readonly conversations = new Map<string, State>();
  readonly services = new Set<string>();
  /** Changes that were pending when the server died. They may have been executed or not. */
  readonly pending = new Map<string, State>();
  /** The SIDs of all acknowledged creates. */
  readonly created: string[] = [];
  serial = 0;
}

/** Writes until the server dies. Each writer changes only its own objects. */
async function write({ conversations }: ReturnType<typeof connect>, ledger: Ledger): Promise<void> {
  const own: string[] = [];
  for (let turn = 0; ; turn++) {
    const name = `n${ledger.serial++}`;
    const sid = own[turn % 7];
    const attempt = async (state: State, work: () => Promise<unknown>) => {
      if (sid === undefined) return;
      ledger.pending.set(sid, state);
      await work();
      ledger.pending.delete(sid);
      ledger.conversations.set(sid, state);
    };
    try {
      if (turn % 4 === 3 && sid !== undefined) {
        await attempt({ name }, () => conversations.conversations(sid).update({ friendlyName: name }));
      } else if (turn % 8 === 6 && sid !== undefined) {
        await attempt("deleted", () => conversations.conversations(sid).remove());
        own.splice(turn % 7, 1);
      } else if (turn % 8 === 5) {
        // A service and its four roles are created in one transaction.
        const service = await conversations.services.create({ friendlyName: name });
        ledger.services.add(service.sid);
        ledger.created.push(service.sid);
      } else {
        const conversation = await conversations.conversations.create({ friendlyName: name, uniqueName: name });
        ledger.created.push(conversation.sid);
        ledger.conversations.set(conversation.sid, { name });
        own.push(conversation.sid);
        await conversations.conversations(conversation.sid).participants.create({ identity: name });
      }
    } catch (error) {
      // A dead server sends no status. An HTTP error would be a bug.
      if ((error as { status?: number }).status !== undefined) throw error;
      return;
    }
  }
}

/** Compares the state folder's content with the ledger. */
async function check({ conversations }: ReturnType<typeof connect>, ledger: Ledger): Promise<void> {
  const found = new Map((await conversations.conversations.list({ pageSize: 100 })).map((row) => [row.sid, row]));
  for (const [sid, state] of ledger.conversations) {
    const row = found.get(sid);
    const current: State = row ? { name: row.friendlyName } : "deleted";
    expect([state, ledger.pending.get(sid)], sid).toContainEqual(current);
    ledger.conversations.set(sid, current);
  }
  ledger.pending.clear();
  const services = await conversations.services.list({ pageSize: 100 });
  const sids = new Set(services.map(({ sid }) => sid));
  expect([...ledger.services].filter((sid) => !sids.has(sid))).toEqual([]);
}

/** Checks that no transaction was executed in part: each service has its roles, and each unique name its conversation. */
async function checkTransactions({ conversations }: ReturnType<typeof connect>): Promise<void> {
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

it(`an emulator that is killed at ${KILLS} random moments keeps every acknowledged write and no partial transaction`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "emulator-"));
  const ledger = new Ledger();
  const moments = fc.sample(fc.integer({ min: 1, max: 250 }), { seed: SEED, numRuns: KILLS });
  for (const moment of moments) {
    const server = runServer(folder);
    // The new server takes over the dead server's lock, so its first line is the URL and not an error.
    const client = connect((await server.firstLine) as unknown as Emulator);
    await check(client, ledger);
    const writers = Array.from({ length: WRITERS }, () => write(client, ledger));
    await sleep(moment);
    server.process.kill("SIGKILL");
    await Promise.all(writers);
    expect(await server.exitCode).toBeNull();
  }
  const last = runServer(folder);
  const client = connect((await last.firstLine) as unknown as Emulator);
  await check(client, ledger);
  await checkTransactions(client);
  last.process.kill("SIGKILL");
  await last.exitCode;
  expect(ledger.created.length).toBeGreaterThan(KILLS);
  expect(new Set(ledger.created).size).toBe(ledger.created.length);
  await rm(folder, { recursive: true });
}, 180_000);
