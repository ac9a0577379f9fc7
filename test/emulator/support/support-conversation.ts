/** The conversation that the SDK tests use. */
import { ALICE, buyNumber, type TestEmulator } from "./emulator";

/** The created service, conversation and participants. */
export type SupportConversation = Awaited<ReturnType<typeof createSupportConversation>>;

/** Creates a service with a conversation between the chat user pineapple and Alice's handset. */
export async function createSupportConversation(twilio: TestEmulator) {
  const { conversations } = twilio;
  const { sid: serviceSid } = await conversations.services.create({ friendlyName: "Support" });
  const service = conversations.services(serviceSid);
  const { phoneNumber } = await buyNumber(twilio);
  const { sid } = await service.conversations.create({ friendlyName: "Hello", uniqueName: "hello" });
  const conversation = service.conversations(sid);
  const chat = await conversation.participants.create({ identity: "pineapple" });
  const handset = await conversation.participants.create({
    "messagingBinding.address": ALICE,
    "messagingBinding.proxyAddress": phoneNumber,
  });
  return { serviceSid, service, conversation, sid, phoneNumber, chat, handset };
}
