/** The conversation that the console tests show. */
import { ALICE, buyNumber, type TestEmulator } from "./emulator";

/** Creates a conversation between a handset and a chat user, with a message from each. */
export async function createConsoleConversation(twilio: TestEmulator) {
  const { phoneNumber, sid: numberSid } = await buyNumber(twilio);
  const { sid, chatServiceSid } = await twilio.conversations.conversations.create({ friendlyName: "My First Conversation" });
  const conversation = twilio.conversations.conversations(sid);
  await conversation.participants.create({ identity: "testPineapple" });
  await conversation.participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
  await twilio.control.inbound(ALICE, phoneNumber, "Hello from the phone");
  const message = await conversation.messages.create({ author: "testPineapple", body: "Hello from the chat" });
  return { sid, chatServiceSid, conversation, phoneNumber, numberSid, message };
}
