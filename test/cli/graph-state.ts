/** Resources as the engine stores them, without an engine: for graphs with many nodes. */
const hex = (number: number) => number.toString(16).padStart(32, "0");

const type = {
  number: "pulumi-nodejs:twilio/numbers:PhoneNumber",
  service: "pulumi-nodejs:twilio/conversations:ConversationService",
  conversation: "pulumi-nodejs:twilio/conversations:Conversation",
  participant: "pulumi-nodejs:twilio/conversations:Participant",
  address: "pulumi-nodejs:twilio/conversations:AddressConfiguration",
};

export interface Resource {
  urn: string;
  custom: true;
  type: string;
  id: string;
  inputs: Record<string, unknown>;
}

export const urn = (kind: keyof typeof type, name: string) => `urn:pulumi:dev::project::${type[kind]}::${name}`;

/** A resource of any type, `iam:TwimlApp`; what it declares is also in its outputs. */
export const resource = (of: string, name: string, id: string, inputs: Record<string, unknown>, outputs: Record<string, unknown> = {}) => ({
  urn: `urn:pulumi:dev::project::pulumi-nodejs:twilio/${of}::${name}`,
  type: `pulumi-nodejs:twilio/${of}`,
  id,
  inputs,
  outputs: { ...inputs, ...outputs },
});

/** Names that people may give: markup, quotes, other scripts, longer than any card. */
export const wildNames = [
  'Sales "EMEA" <b>&amp;</b>',
  "]); click n1 href",
  "end",
  "客户支持 – 上海分公司的售后服务对话",
  "back\\slash \\n and `ticks` #35; @everyone",
  "two\nlines\tand a very long name that no card has room for, whichever font it is drawn in",
  "🎉 party 👩‍👩‍👧‍👦",
  "דוגמה",
];

/** Services, conversations and participants; every second participant texts with one of the numbers. */
export function resources({
  services,
  conversations,
  participants,
  numbers,
}: Record<"services" | "conversations" | "participants" | "numbers", number>): Resource[] {
  const all: Resource[] = [];
  const add = (kind: keyof typeof type, name: string, id: string, inputs: Record<string, unknown>) =>
    void all.push({ urn: urn(kind, name), custom: true, type: type[kind], id, inputs });
  const label = (index: number) => wildNames[index % wildNames.length];
  const phone = (index: number) => `+1415555${1000 + index}`;
  for (let n = 0; n < numbers; n++) add("number", `number-${n}`, `PN${hex(n)}`, { phoneNumber: phone(n) });
  for (let s = 0; s < services; s++) {
    const service = `IS${hex(s)}`;
    add("service", `service-${s}`, service, { friendlyName: label(s) });
    for (let c = 0; c < conversations; c++) {
      const conversation = `${service}/CH${hex(s * 1000 + c)}`;
      add("conversation", `conversation-${s}-${c}`, conversation, { service, friendlyName: label(s + c) });
      for (let p = 0; p < participants; p++) {
        const key = s * 1_000_000 + c * 1000 + p;
        const who =
          p % 2 ? { identity: `${label(p)} ${key}` } : { sms: { address: `+1555${1_000_000 + key}`, proxyAddress: phone(p % numbers) } };
        add("participant", `participant-${s}-${c}-${p}`, `${conversation}/MB${hex(key)}`, { conversation, ...who });
      }
    }
  }
  return all;
}
