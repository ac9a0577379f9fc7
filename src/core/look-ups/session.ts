import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Emulator } from "../../emulator";
import type { Context } from "../lifecycle/definition";
import { stable } from "../lifecycle/props";
import { stackAccount } from "../lifecycle/stack-account";
import { printable } from "../process/printable";
import { byName, secretValues } from "../process/redact";
import { connect, describePlace } from "../twilio/connection";
import { openTwilio } from "../twilio/transport";
import type { Body, Twilio } from "../twilio/twilio";
import { remembering } from "./remembering";
import type { Settings } from "./settings";

/** A connection to Twilio, as look-ups use it. */
export interface Session {
  readonly twilio: Twilio;
  /** Where it asks, in words. */
  readonly place: string;
  /** What the functions of a definition get. */
  readonly context: Context;
}

interface Opened {
  readonly session: Session;
  /** Ends what must not outlive a look-up. */
  close?(): Promise<void>;
}

/** The look-ups of one program that ask one account. */
export class Account {
  /** What no text shows: the credentials, and the secret arguments of look-ups. */
  readonly secrets = secretValues();
  private readonly answers = new Map<string, Promise<Body | undefined>>();
  private opened: Promise<Opened> | undefined;
  private users = 0;

  constructor(private readonly settings: Settings) {}

  /** Removes secrets from a text, and makes it safe to print. */
  redact(text: string): string {
    return printable(byName(this.secrets.redact(text)));
  }

  /** Runs a task with a session, which tasks that run at once share. */
  async use<T>(task: (session: Session) => Promise<T>): Promise<T> {
    this.users += 1;
    this.opened ??= this.open();
    const { opened } = this;
    try {
      return await task((await opened).session);
    } finally {
      this.users -= 1;
      const { close } = await opened.catch(() => ({ close: async () => {} }));
      if (close && this.users === 0 && this.opened === opened) {
        this.opened = undefined;
        await close();
      }
    }
  }

  private async open(): Promise<Opened> {
    let emulator: Emulator | undefined;
    try {
      const connection = await connect({
        config: (key) => this.settings[key],
        env: process.env,
        cwd: process.cwd(),
        // The provider outlives the program, so an emulator of this process must never be the one that the provider uses.
        openEmbedded: async (stateDir) => {
          emulator = await (await import("../../emulator/start")).borrowEmulator(stateDir);
          return emulator;
        },
      });
      this.secrets.add(connection.secrets, connection.username);
      const log: Context["log"] = (severity, message) => void pulumi.log[severity](this.redact(message));
      const twilio = remembering(openTwilio(connection, { log }), this.answers);
      const session = { twilio, place: describePlace(connection), context: contextOf(twilio, log) };
      return emulator ? { session, close: emulator.close } : { session };
    } catch (error) {
      await emulator?.close();
      throw error;
    }
  }
}

/** A look-up has no resource: nothing is noted, created or owned. */
function contextOf(twilio: Twilio, log: Context["log"]): Context {
  return {
    twilio,
    log,
    notes: { read: () => undefined, write: () => false, remove() {}, all: () => [] },
    account: stackAccount(twilio.accountSid),
    urn: undefined,
    place: "",
    holderOf: () => undefined,
    isGivenUp: async () => false,
    recordDone() {},
    lock: (_key, _pause, task) => task(),
  };
}

// Each run of a program has a monitor of its own: a run must not get the answers of the run before it in the same process.
const runs = new WeakMap<object, Map<string, Account>>();
const withoutEngine = {};

/** The account that these settings name, in this run. */
export function accountOf(settings: Settings): Account {
  const run = pulumi.runtime.getMonitor() ?? withoutEngine;
  const accounts = runs.get(run) ?? new Map<string, Account>();
  runs.set(run, accounts);
  const key = createHash("sha256").update(stable(settings)).digest("hex");
  const account = accounts.get(key) ?? new Account(settings);
  accounts.set(key, account);
  return account;
}
