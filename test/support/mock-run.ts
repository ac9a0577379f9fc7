/** Programs that run without an engine: Pulumi's mocks record what is registered. */
import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";

/** A SID's digits. */
export const hex = (digit: string) => digit.repeat(32);

/** The id that every resource of a type gets. */
export const ids: Record<string, string> = {
  PhoneNumber: `PN${hex("1")}`,
  ConversationService: `IS${hex("2")}`,
  Conversation: `IS${hex("2")}/CH${hex("3")}`,
  Participant: `IS${hex("2")}/CH${hex("3")}/MB${hex("4")}`,
};

/** What the current run has registered. */
export const registered: pulumi.runtime.MockResourceArgs[] = [];

/** Starts a program run without an engine: every resource gets the id of its type, or no id in a preview that creates it. */
export async function run({ preview = false, isNew = false } = {}) {
  registered.length = 0;
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        registered.push(args);
        const id = args.id || ids[args.type.slice(args.type.lastIndexOf(":") + 1)] || args.name;
        return { id: isNew ? undefined : id, state: args.inputs };
      },
      call: () => ({}),
    },
    "project",
    "stack",
    preview,
  );
}

/** The value of an output. */
export const value = <T>(output: pulumi.Output<T>): Promise<T | undefined> =>
  (output as unknown as { promise(): Promise<T | undefined> }).promise();

/** Waits until resources are registered. */
export const settled = (...resources: pulumi.CustomResource[]) => Promise.all(resources.map(({ id }) => value(id)));

/** The message with which a resource fails. Its outputs reject too, which would end the process: this ignores those rejections. */
export async function refusal(resource: pulumi.CustomResource): Promise<string> {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", () => {});
  try {
    const error = await settled(resource).then(
      () => expect.unreachable("it was registered"),
      (error: Error) => error,
    );
    await new Promise((resolve) => setImmediate(resolve));
    return error.message;
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}

/** The inputs that a resource registered. */
export const inputsOf = (name: string) => registered.find((args) => args.name === name)?.inputs;

// The keys that a program claims stay registered for the whole run, so tests do not share names.
let names = 0;
/** A name that no other test of the file has. */
export const fresh = (text: string) => {
  names += 1;
  return `${text}-${names}`;
};
