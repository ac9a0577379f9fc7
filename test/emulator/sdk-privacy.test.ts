import type { Client, Conversation } from "@twilio/conversations";
import { beforeEach, describe, expect, it } from "vitest";
import { useEmulator } from "./support/emulator";
import { nextEvent, openConversation, SDKS, signIn } from "./support/sdk";
import { createSupportConversation, type SupportConversation } from "./support/support-conversation";

const twilio = useEmulator();

/** The error that the SDK passes to the app. */
async function errorOf(call: Promise<unknown>) {
  const error = await call.then(
    () => expect.unreachable("the call succeeded"),
    (thrown: Error & { status?: number; body?: { code?: number; message?: string } }) => thrown,
  );
  const { message, status, body } = error;
  return { message, status, code: body?.code, text: body?.message };
}

describe.each(SDKS)("a conversation in %s", (sdk) => {
  let support: SupportConversation;
  beforeEach(async () => {
    support = await createSupportConversation(twilio);
  });
  const signInAs = (identity: string) => signIn(sdk, twilio.emulator, { identity, serviceSid: support.serviceSid });
  const roleSid = async (name: string) => (await support.service.roles.list()).find(({ friendlyName }) => friendlyName === name)?.sid;
  const waysTo = (client: Client) => [
    () => client.getConversationBySid(support.sid),
    () => client.peekConversationBySid(support.sid),
    () => client.getConversationByUniqueName("hello"),
  ];
  const PRIVATE = { message: "Forbidden", status: 403, code: 50430, text: "User not participant of conversation" };

  it("is private to its participants", async () => {
    const client = await signInAs("mango");
    for (const way of waysTo(client)) expect(await errorOf(way())).toEqual(PRIVATE);
    expect(await errorOf(client.peekConversationBySid(`CH${"0".repeat(32)}`))).toMatchObject({ message: "Not Found", status: 404 });
    await support.conversation.participants.create({ identity: "mango" });
    for (const way of waysTo(client)) expect(await way()).toMatchObject({ sid: support.sid, friendlyName: "Hello" });
  });

  it("is no longer visible to a participant who was removed", async () => {
    const client = await signInAs("pineapple");
    const conversation = await openConversation(client, support.sid);
    const left = nextEvent<Conversation>(client, "conversationLeft");
    await support.conversation.participants(support.chat.sid).remove();
    await left;
    for (const way of waysTo(client)) expect(await errorOf(way())).toEqual(PRIVATE);
    expect(await errorOf(conversation.sendMessage("x"))).toEqual(PRIVATE);
  });

  it("is visible to its creator, who may join it", async () => {
    const client = await signInAs("mango");
    const { sid } = await client.createConversation({ friendlyName: "Mine", uniqueName: "mine" });
    const again = await signInAs("mango");
    expect(await again.getConversationByUniqueName("mine")).toMatchObject({ sid, status: "notParticipating" });
    const joined = nextEvent<Conversation>(again, "conversationJoined");
    await (await again.peekConversationBySid(sid)).join();
    expect((await joined).sid).toBe(sid);
  });

  it("is visible to administrators", async () => {
    const client = await signInAs("mango");
    await support.service.users("mango").update({ roleSid: await roleSid("service admin") });
    for (const way of waysTo(client)) expect(await way()).toMatchObject({ sid: support.sid, status: "notParticipating" });
  });

  it("lets participants edit their own attributes, and the creator role those of others", async () => {
    const other = await support.conversation.participants.create({ identity: "mango" });
    const conversation = await openConversation(await signInAs("pineapple"), support.sid);
    await (await conversation.getParticipantByIdentity("pineapple"))?.updateAttributes({ mood: "sour" });
    expect((await support.conversation.participants(support.chat.sid).fetch()).attributes).toBe('{"mood":"sour"}');
    const edit = async (attributes: object) => (await conversation.getParticipantBySid(other.sid))?.updateAttributes({ ...attributes });
    expect(await errorOf(edit({ a: 1 }))).toMatchObject({ message: "Forbidden", status: 403, code: 50107 });
    await support.conversation.participants(support.chat.sid).update({ roleSid: await roleSid("channel admin") });
    await edit({ a: 2 });
    expect((await support.conversation.participants(other.sid).fetch()).attributes).toBe('{"a":2}');
  });
});
