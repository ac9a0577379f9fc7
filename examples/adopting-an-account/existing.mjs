// Fills an empty emulator with what an account may have before its first program.
const { TWILIO_BASE_URL: url, TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: token } = process.env;
const authorization = `Basic ${Buffer.from(`${account}:${token}`).toString("base64")}`;

async function create(path, form) {
  const response = await fetch(`${url}/${path}`, { method: "POST", headers: { authorization }, body: new URLSearchParams(form) });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}: ${await response.text()}`);
  return response.json();
}

const desk = { AreaCode: "415", FriendlyName: "Front desk", SmsUrl: "https://example.com/sms" };
const { phone_number } = await create(`api.twilio.com/2010-04-01/Accounts/${account}/IncomingPhoneNumbers.json`, desk);
await create("messaging.twilio.com/v1/Services", { FriendlyName: "Notices" });
const { sid: service } = await create("conversations.twilio.com/v1/Services", { FriendlyName: "Support" });
const conversations = `conversations.twilio.com/v1/Services/${service}/Conversations`;
const { sid: conversation } = await create(conversations, { UniqueName: "known-customer" });
await create(`${conversations}/${conversation}/Participants`, { Identity: "agent" });
await create(`${conversations}/${conversation}/Messages`, { Author: "agent", Body: "Hello" });

console.log(`pulumi config set number ${phone_number}`);
