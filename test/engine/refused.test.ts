import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationService, Participant } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

// The SDK makes the outputs of a resource that failed unknown, and the program goes on to declare what depends on it.
describe("a request that Twilio refuses", () => {
  let lab: Lab;
  let friendlyName: string | undefined;
  const rooms = "/v1/Services/*/Conversations";

  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const room = new Conversation("room", { service, friendlyName });
        new Participant("by-id", { conversation: room, identity: "by-id", attributes: { friendlyName } });
        new Participant("by-output", { conversation: pulumi.output(room), identity: "by-output", attributes: { friendlyName } });
        new Conversation("named-after", { friendlyName: pulumi.interpolate`After ${room.url}`, attributes: { friendlyName } });
        if (friendlyName !== undefined) new Participant("late", { conversation: room, identity: "late" });
      },
    });
  });
  afterAll(() => lab.close());

  /** The paths that were written since the last call. */
  async function written(): Promise<string[]> {
    const paths = (await lab.twilio.writes()).map(({ path }) => path);
    await lab.twilio.forgetCalls();
    return paths;
  }

  async function expectOneError(path: string, words: string, continueOnError: boolean): Promise<void> {
    await lab.twilio.fault({ method: "POST", path, status: 400, code: 20001 });
    const outcome = await lab.stack.up({ continueOnError });
    await lab.twilio.forgetFaults();
    expect(outcome.ok).toBe(false);
    const errors = outcome.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    expect(errors).toEqual([expect.stringContaining(words), expect.stringContaining("update failed")]);
  }

  const room = "/v1/Services/{ServiceSid}/Conversations";

  it.each([false, true])(
    "to create an object is one error, and nothing is created that depends on it; continueOnError: %s",
    async (goOn) => {
      await expectOneError(rooms, "Cannot create Conversation", goOn);
      expect((await written()).filter((path) => path !== "/v1/Services")).toEqual([room]);
      const state = Object.keys(await lab.stack.state());
      for (const name of ["room", "by-id", "by-output", "named-after"]) expect(state).not.toContain(name);
    },
  );

  it("to update an object is one error, and what depends on it is neither created, updated nor replaced", async () => {
    expectOk(await lab.stack.up());
    const before = await lab.stack.state();
    expect(Object.keys(before)).toContain("by-output");
    await written();
    friendlyName = "Renamed";
    await expectOneError(`${rooms}/{Sid}`, "Cannot update Conversation", true);
    expect(await written()).toEqual([`${room}/{ConversationSid}`]);
    const after = await lab.stack.state();
    expect(after).not.toHaveProperty("late");
    for (const name of ["by-id", "by-output", "named-after"]) expect(after[name]).toEqual(before[name]);

    expectOk(await lab.stack.up());
    expect(Object.keys(await lab.stack.state())).toContain("late");
    expectNothing(await lab.stack.preview());
  });
});
