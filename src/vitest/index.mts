/** Vitest helpers: an emulator of Twilio for tests of one's own webhook server and chat app. */
import type { Twilio } from "twilio";
import type { IncomingPhoneNumberListInstanceCreateOptions } from "twilio/lib/rest/api/v2010/account/incomingPhoneNumber";
import { afterAll, afterEach, test as base, beforeAll, beforeEach, type TestAPI } from "vitest";
import { variablesOf } from "../emulator/handle.js";
import { type Emulator, type Namespace, startEmulator } from "../emulator/index.js";
import { chatTokenFor, connectTo } from "./clients.mjs";
import { type Delivery, Handsets, type Text } from "./control.mjs";

export type { Delivery, Text };

/** Settings of the helpers. */
export interface UseTwilioOptions {
  /** How long to wait for texts and webhooks, in milliseconds. Default: 4000, less than a test may take in vitest. */
  timeoutMs?: number | undefined;
}

/** The settings of a number that do not choose it, such as `smsUrl`. */
export type NumberSettings = Omit<IncomingPhoneNumberListInstanceCreateOptions, "phoneNumber" | "areaCode">;

/** One test's own Twilio: an account of its own in the emulator. */
export interface TestTwilio {
  /** The emulator's URL: the value of TWILIO_BASE_URL. */
  readonly url: string;
  readonly accountSid: string;
  /** Also signs the webhooks. */
  readonly authToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The control plane: `${controlUrl}/faults`. */
  readonly controlUrl: string;
  /** The account's REST client, of Twilio's own library. */
  readonly client: Twilio;
  /** The variables with the URL and the credentials, for a process that the test starts. */
  readonly env: Readonly<Record<string, string>>;
  /** The options of the chat SDK's client: `new Client(token, twilio.chatOptions)`. */
  readonly chatOptions: { readonly Twilsock: { readonly uri: string } };
  /** Returns an access token for the chat SDK. */
  chatToken(identity: string, serviceSid: string): string;
  /** Buys a US number with SMS and MMS, and returns it. */
  buyNumber(settings?: NumberSettings): Promise<string>;
  /** Sends a text from a phone to one of the account's numbers. */
  text(from: string, to: string, body: string): Promise<void>;
  /** Waits until a phone has received this many texts, and returns all that it received, oldest first. */
  receive(phone: string, count?: number): Promise<Text[]>;
  /** The texts that a phone sent and received so far, in order. */
  texts(phone: string): Promise<Text[]>;
  /** Waits until this many webhooks of an event have their final outcome, and returns all of them, oldest first. */
  webhooks(event: string, count?: number): Promise<Delivery[]>;
  /** Waits until no webhook is in flight, with those that the receivers' own requests caused. */
  settled(): Promise<void>;
  /** Lets time pass: timers, scheduled texts and tokens follow. */
  advance(seconds: number): Promise<void>;
  /** Deletes all objects of the account. */
  reset(): Promise<void>;
}

/** The emulator of this worker, and how many test files and tests use it. */
const shared: { emulator: Promise<Emulator> | undefined; users: number } = { emulator: undefined, users: 0 };

async function acquire(): Promise<Emulator> {
  shared.users++;
  shared.emulator ??= startEmulator();
  return shared.emulator;
}

async function release(): Promise<void> {
  const { emulator } = shared;
  if (--shared.users > 0) return;
  shared.emulator = undefined;
  await (await emulator)?.close();
}

/**
 * Gives each test of this file, or of this `describe`, a Twilio of its own. One emulator serves all tests of a worker. It is started and closed
 * automatically.
 *
 * @example
 * const twilio = useTwilio();
 *
 * test("answers a text", async () => {
 *   const number = await twilio.buyNumber({ smsUrl: app.url });
 *   await twilio.text("+15558675310", number, "Hi");
 *   expect(await twilio.receive("+15558675310")).toMatchObject([{ body: "Hello!" }]);
 * });
 */
export function useTwilio(options: UseTwilioOptions = {}): TestTwilio {
  let emulator: Emulator;
  let current: { space: Namespace; twilio: TestTwilio } | undefined;
  beforeAll(async () => {
    emulator = await acquire();
  });
  beforeEach(async ({ task }) => {
    if (task.concurrent) throw new Error("useTwilio() serves one test at a time. In concurrent tests, use the fixture of twilioTest.");
    const space = await emulator.createNamespace();
    current = { space, twilio: twilioOf(space, options) };
  });
  afterEach(async () => {
    await current?.space.close();
    current = undefined;
  });
  afterAll(release);
  return new Proxy({} as TestTwilio, {
    get(_target, name) {
      if (!current)
        throw new Error(`${String(name)} of useTwilio() exists in tests and in beforeEach only: each test has a Twilio of its own.`);
      return Reflect.get(current.twilio, name);
    },
  });
}

/**
 * Vitest's `test` with the fixture `twilio`, also for concurrent tests.
 *
 * @example
 * twilioTest.concurrent("a new account has no numbers", async ({ twilio, expect }) => {
 *   expect(await twilio.client.incomingPhoneNumbers.list()).toEqual([]);
 * });
 */
export const twilioTest: TestAPI<{ twilio: TestTwilio }> = base.extend<{ twilio: TestTwilio }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which other fixtures it needs
  twilio: async ({}, use) => {
    const emulator = await acquire();
    try {
      const space = await emulator.createNamespace();
      await use(twilioOf(space, {}));
      await space.close();
    } finally {
      await release();
    }
  },
});

function twilioOf(space: Namespace, { timeoutMs = 4000 }: UseTwilioOptions): TestTwilio {
  const { url, accountSid, authToken, apiKey, apiSecret, controlUrl } = space;
  const client = connectTo(space);
  const handsets = new Handsets(controlUrl, timeoutMs);
  return {
    url,
    accountSid,
    authToken,
    apiKey,
    apiSecret,
    controlUrl,
    client,
    env: variablesOf(space),
    chatOptions: { Twilsock: { uri: `${url.replace(/^http/, "ws")}/v3/wsconnect` } },
    chatToken: (identity, serviceSid) => chatTokenFor(space, identity, serviceSid),
    buyNumber: (settings) => buyNumber(client, settings),
    text: (from, to, body) => handsets.text(from, to, body),
    receive: (phone, count = 1) => handsets.receive(phone, count),
    texts: (phone) => handsets.texts(phone),
    webhooks: (event, count = 1) => handsets.webhooks(event, count),
    settled: () => handsets.settled(),
    advance: (seconds) => handsets.advance(seconds),
    reset: () => space.reset(),
  };
}

/** Not every number of an area can do both. */
async function buyNumber(client: Twilio, settings: NumberSettings = {}): Promise<string> {
  const [found] = await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, mmsEnabled: true, limit: 1 });
  return (await client.incomingPhoneNumbers.create({ ...settings, phoneNumber: found?.phoneNumber })).phoneNumber;
}
