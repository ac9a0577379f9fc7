import { Config } from "@pulumi/pulumi";
import { Conversation, ConversationService, Participant, PhoneNumber } from "pulumi-twilio-conversations";
import type { EmulatorClient } from "../harness/emulator-client.mts";

/** Creates the objects that the program adopts or reads. Returns the configuration that names them. */
export async function prepare({ client }: EmulatorClient): Promise<Record<string, string>> {
  const { v1 } = client.conversations;
  const sale = await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 50 });
  const [phoneNumber, ...bought] = sale.slice(-4).map((one) => one.phoneNumber);
  const [bySid, byNumber, read] = await Promise.all(bought.map((one) => client.incomingPhoneNumbers.create({ phoneNumber: one })));
  const service = async (friendlyName: string) => (await v1.services.create({ friendlyName })).sid;
  const adoptedService = await service("Adopted by SID");
  await service("Adopted by name");
  await service("Adopted for deletion");
  const within = v1.services(adoptedService);
  const conversation = async (friendlyName: string, uniqueName?: string) =>
    (await within.conversations.create({ friendlyName, ...(uniqueName === undefined ? {} : { uniqueName }) })).sid;
  const adoptedConversation = await conversation("Adopted by SID");
  await conversation("Adopted by name", "adopted-by-name");
  await conversation("Adopted once", "adopted-once");
  const participant = async (identity: string) => (await within.conversations(adoptedConversation).participants.create({ identity })).sid;
  const adoptedParticipant = await participant("adopted-by-sid");
  await participant("adopted-by-identity");
  const readConversation = await conversation("Read");
  const readParticipant = (await within.conversations(readConversation).participants.create({ identity: "read" })).sid;
  return {
    "proof:phoneNumber": String(phoneNumber),
    "proof:adoptedNumber": String(bySid?.sid),
    "proof:adoptedPhoneNumber": String(byNumber?.phoneNumber),
    "proof:adoptedService": adoptedService,
    "proof:adoptedConversation": adoptedConversation,
    "proof:adoptedParticipant": adoptedParticipant,
    "proof:messagingService": (await client.messaging.v1.services.create({ friendlyName: "Texts" })).sid,
    "proof:readNumber": String(read?.sid),
    "proof:readParticipant": `${adoptedService}/${readConversation}/${readParticipant}`,
  };
}

/** Declares objects that the program reads and does not manage. */
export function readExisting(): void {
  const config = new Config();
  const id = config.require("readParticipant");
  const [service, conversation] = id.split("/") as [string, string];
  PhoneNumber.get("read-number", config.require("readNumber"));
  ConversationService.get("read-service", service);
  Conversation.get("read-conversation", `${service}/${conversation}`);
  Participant.get("read-participant", id);
}
