/** Programs that look objects up on an emulator, without an engine. */
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import * as api from "../../src/index";
import { run } from "./mock-run";
import { type Fixture, TestTwilio } from "./test-twilio";

export type Args = Record<string, unknown>;

/** What a test of look-ups works with; valid within a test. */
export interface LookUps {
  readonly twilio: TestTwilio;
  readonly fixture: Fixture;
  /** Creates an object and returns its SID. */
  post(path: string, form: Record<string, string>, product?: "api" | "conversations" | "iam" | "messaging"): Promise<string>;
  /** Begins another run of the program, on the emulator. */
  begin(settings?: Record<string, string>, how?: { preview?: boolean; isNew?: boolean }): Promise<void>;
}

/** Opens an account for the tests of a file; each starts with the fixture alone. */
export function lookUpTests(): LookUps {
  let twilio: TestTwilio;
  let fixture: Fixture;
  let before: Record<string, string>;
  const begin: LookUps["begin"] = async (settings = {}, how = {}) => {
    await run(how);
    pulumi.runtime.setAllConfig(twilio.settings(settings));
  };
  beforeAll(async () => {
    twilio = await TestTwilio.open();
    before = pulumi.runtime.allConfig();
  });
  afterAll(() => twilio.close());
  beforeEach(async () => {
    await twilio.reset();
    await begin();
    fixture = await twilio.fixture();
    twilio.requests();
  });
  afterEach(() => pulumi.runtime.setAllConfig(before));
  return {
    get twilio() {
      return twilio;
    },
    get fixture() {
      return fixture;
    },
    post: async (path, form, product = "conversations") => String((await twilio.rest("POST", product, path, form)).sid),
    begin,
  };
}

export const sidOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);
/** The path of a service's conversations. */
export const conversations = (service: string): string => `/v1/Services/${service}/Conversations`;
/** The path of a conversation, from its id. */
export const pathOf = (conversation: string): string => `${conversations(conversation.split("/")[0] as string)}/${sidOf(conversation)}`;

/** Calls a look-up by its name; those of the account's settings have no arguments. */
export function call(name: string, args: Args, options: object = {}): unknown {
  const ask = (api as unknown as Record<string, (...all: unknown[]) => unknown>)[name];
  return ask?.(...(Object.keys(args).length > 0 ? [args] : []), options);
}

/** The message with which a look-up fails. */
export const refusal = (promise: unknown): Promise<string> =>
  (promise as Promise<unknown>).then(
    () => expect.unreachable("it was found"),
    (error: Error) => error.message,
  );
