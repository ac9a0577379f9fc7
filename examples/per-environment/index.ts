import { Config, getStack } from "@pulumi/pulumi";
import { Conversation, ConversationService, Participant, PhoneNumber } from "pulumi-twilio-conversations";

// Everything that differs between the stacks is in Pulumi.<stack>.yaml.
const config = new Config();
const isProduction = config.getBoolean("production") ?? false;
const timers = { inactive: config.get("inactiveTimer") ?? "PT1H", closed: config.get("closedTimer") ?? "PT2H" };
const named = (name: string) => (isProduction ? name : `${name} (${getStack()})`);

// Production keeps its number and its messages. Elsewhere, a destroy leaves nothing that costs.
const search = { country: "US", type: "local", smsEnabled: true } as const;
const onDelete = isProduction ? "retain" : "release";
const number = new PhoneNumber("front-desk", { search, onDelete }, { protect: isProduction });

const forceDestroy = !isProduction;
const service = new ConversationService("support", { friendlyName: named("Support"), forceDestroy });
const hello = new Conversation("hello", { service, friendlyName: named("Hello"), timers, forceDestroy });

const address = config.get("phone") ?? "+15558675310";
new Participant("phone", { conversation: hello, sms: { address, proxyAddress: number.phoneNumber } });
new Participant("agent", { conversation: hello, identity: "agent" });

export const phoneNumber = number.phoneNumber;
export const serviceSid = service.sid;
