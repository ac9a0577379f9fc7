import fc from "fast-check";
import { expect, it } from "vitest";
import { connect } from "./support/client";
import { ALICE, type Connection, useEmulator } from "./support/emulator";
import { send } from "./support/http";

const twilio = useEmulator();

interface Account {
  sid: string;
  user: string;
  password: string;
}
/** Everything an account has, by the path it was read at. */
type Dump = Record<string, unknown>;

const CONVERSATIONS = "/conversations.twilio.com/v1";
const MESSAGING = "/messaging.twilio.com/v1";
const home = (sid: string) => `/api.twilio.com/2010-04-01/Accounts/${sid}`;

async function ask({ user, password }: Account, method: string, path: string, form?: string) {
  const headers = {
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  return send(twilio.emulator.url, { method, path, headers, ...(form === undefined ? {} : { body: form }) });
}

/** Some of everything, each thing with the account's mark in it; names that are looked up are the same in all accounts. */
async function furnish(account: Account, mark: string): Promise<void> {
  const theirs: Connection = connect(twilio.emulator, { ...account, accountSid: account.sid });
  const { conversations, api, client } = theirs;
  const [found] = await api.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 1 });
  const number = await api.incomingPhoneNumbers.create({ phoneNumber: found?.phoneNumber, friendlyName: `${mark} number` });
  const messaging = await client.messaging.v1.services.create({ friendlyName: `${mark} messaging` });
  await client.messaging.v1.services(messaging.sid).phoneNumbers.create({ phoneNumberSid: number.sid });
  await api.newKeys.create({ friendlyName: `${mark} key` });
  await api.messages.create({ from: number.phoneNumber, to: ALICE, body: `${mark} text` });
  const webhooks = { filters: ["onMessageAdded"], preWebhookUrl: `https://example.com/${mark}` };
  await conversations.configuration.webhooks().update(webhooks);
  await conversations.addressConfigurations.create({ type: "sms", address: number.phoneNumber, friendlyName: `${mark} address` });
  const service = await conversations.services.create({ friendlyName: `${mark} service` });
  await conversations.services(service.sid).configuration.webhooks().update(webhooks);
  for (const scope of [conversations.services(service.sid), conversations] as (typeof conversations)[]) {
    const role = await scope.roles.create({ friendlyName: `${mark} role`, type: "conversation", permission: ["sendMessage"] });
    await scope.users.create({ identity: "everybody", friendlyName: `${mark} user` });
    const { sid } = await scope.conversations.create({
      uniqueName: "everywhere",
      friendlyName: `${mark} conversation`,
      messagingServiceSid: messaging.sid,
    });
    const here = scope.conversations(sid);
    await here.participants.create({ identity: "everybody", roleSid: role.sid, attributes: `{"of":"${mark}"}` });
    // A pair is bound once in an account.
    const address = scope === conversations ? ALICE : `+1555867${number.phoneNumber.slice(-4)}`;
    await here.participants.create({ "messagingBinding.address": address, "messagingBinding.proxyAddress": number.phoneNumber });
    await here.messages.create({ body: `${mark} message`, author: "everybody" });
    await here.webhooks.create({ target: "trigger", "configuration.url": webhooks.preWebhookUrl, "configuration.triggers": [mark] });
  }
}

async function dump(account: Account): Promise<Dump> {
  const seen: Dump = {};
  const read = async (path: string) => {
    const { status, json } = await ask(account, "GET", path);
    expect(status, path).toBe(200);
    seen[path] = json;
    return json as Record<string, { sid: string }[]>;
  };
  const own = home(account.sid);
  for (const path of [".json", "/IncomingPhoneNumbers.json", "/Keys.json", "/Messages.json"]) await read(`${own}${path}`);
  for (const name of ["", "/Webhooks", "/Addresses"]) await read(`${CONVERSATIONS}/Configuration${name}`);
  for (const { sid } of (await read(`${MESSAGING}/Services`)).services ?? []) await read(`${MESSAGING}/Services/${sid}/PhoneNumbers`);
  for (const service of (await read(`${CONVERSATIONS}/Services`)).services ?? []) {
    const root = `${CONVERSATIONS}/Services/${service.sid}`;
    for (const name of ["Configuration", "Configuration/Webhooks", "Roles", "Users"]) await read(`${root}/${name}`);
    for (const { sid } of (await read(`${root}/Conversations`)).conversations ?? []) {
      await read(`${root}/Conversations/${sid}/Participants`);
      await read(`${root}/Conversations/${sid}/Webhooks`);
      for (const message of (await read(`${root}/Conversations/${sid}/Messages`)).messages ?? [])
        await read(`${root}/Conversations/${sid}/Messages/${message.sid}/Receipts`);
    }
  }
  return seen;
}

/** The words of a dump that belong to its account alone: SIDs, numbers, secrets, and whatever has the mark. */
function wordsOf(seen: Dump, mark: string, except: readonly string[]): string[] {
  const words = JSON.stringify(seen).match(/\b[A-Z]{2}[0-9a-f]{32}\b|(?<="auth_token":")[0-9a-f]{32}|(?<="phone_number":")\+\d+/g) ?? [];
  return [...new Set([...words, mark])].filter((word) => !except.includes(word));
}

const sidsOf = (seen: Dump, prefix: string) => [...new Set(JSON.stringify(seen).match(new RegExp(`\\b${prefix}[0-9a-f]{32}\\b`, "g")))];

/** The address of everything in a dump, as the API gives it. */
function addressesOf(seen: Dump): string[] {
  const found = [...JSON.stringify(seen).matchAll(/"ur[il]":"(?:https:\/)?(\/[^"?]+)/g)].map(([, path]) => path ?? "");
  return [...new Set(found)].map((path) => (path.startsWith("/2010") ? `/api.twilio.com${path}` : path));
}

const RUNS = 40;
const PREFIXES = ["AC", "IS", "CH", "MB", "IM", "DY", "US", "RL", "MG", "PN", "SK", "SM", "WH", "IG"];
const FORM_SIDS: Record<string, string> = {
  RoleSid: "RL",
  DefaultConversationCreatorRoleSid: "RL",
  DefaultConversationRoleSid: "RL",
  DefaultChatServiceRoleSid: "RL",
  DefaultChatServiceSid: "IS",
  DefaultMessagingServiceSid: "MG",
  MessagingServiceSid: "MG",
  PhoneNumberSid: "PN",
  "AutoCreation.ConversationServiceSid": "IS",
  AccountSid: "AC",
  PageToken: "",
};
const TEMPLATES = [
  ...["Configuration", "Services", "Services/{IS}", "Services/{IS}/Configuration", "Configuration/Webhooks", "Configuration/Addresses"]
    .concat(["Configuration/Addresses/{IG}", "Services/{IS}/Configuration/Webhooks"])
    .map((path) => `${CONVERSATIONS}/${path}`),
  ...["", "Services/{IS}/"].flatMap((scope) =>
    ["Roles", "Roles/{RL}", "Users", "Users/{US}", "Users/{US}/Conversations", "Users/{US}/Conversations/{CH}", "Conversations"]
      .concat(["Conversations/{CH}", "Conversations/{CH}/Participants", "Conversations/{CH}/Participants/{MB}"])
      .concat(["Conversations/{CH}/Messages", "Conversations/{CH}/Messages/{IM}", "Conversations/{CH}/Messages/{IM}/Receipts"])
      .concat(["Conversations/{CH}/Messages/{IM}/Receipts/{DY}", "ParticipantConversations", "ConversationWithParticipants"])
      .concat(["Conversations/{CH}/Webhooks", "Conversations/{CH}/Webhooks/{WH}"])
      .map((path) => `${CONVERSATIONS}/${scope}${path}`),
  ),
  ...["Services", "Services/{MG}", "Services/{MG}/PhoneNumbers", "Services/{MG}/PhoneNumbers/{PN}"].map((path) => `${MESSAGING}/${path}`),
  ...[".json", "/IncomingPhoneNumbers.json", "/IncomingPhoneNumbers/{PN}.json", "/Keys.json", "/Keys/{SK}.json", "/Messages.json"]
    .concat(["/Messages/{SM}.json", "/IncomingPhoneNumbers/Local.json"])
    .map((path) => `${home("{AC}")}${path}`),
  "/api.twilio.com/2010-04-01/Accounts.json",
];

it("one account never reads or changes what another has, whatever it asks for", async () => {
  const main: Account = { sid: twilio.emulator.accountSid, user: twilio.emulator.accountSid, password: twilio.emulator.authToken };
  const subaccount = async (): Promise<Account> => {
    const { sid, authToken } = await twilio.client.api.v2010.accounts.create({});
    return { sid, user: sid, password: authToken };
  };
  const sibling = await subaccount();
  await furnish(main, "marked-main");
  await furnish(sibling, "marked-sibling");
  await twilio.control.advance(0);
  const victims = [
    { account: main, mark: "marked-main" },
    { account: sibling, mark: "marked-sibling" },
  ];
  const before = await Promise.all(victims.map(({ account }) => dump(account)));
  // An account may know whose it is.
  const foreign = victims.flatMap(({ mark }, index) => wordsOf(before[index] ?? {}, mark, [main.sid, ALICE]));
  const pick = fc.nat({ max: 1000 });
  const step = fc.record({
    // Any path, with anybody's SIDs in it; or one's own, with one SID replaced by another's, or none.
    template: fc.option(fc.constantFrom(...TEMPLATES), { freq: 2 }),
    address: pick,
    swapped: fc.nat({ max: 5 }),
    picks: fc.array(fc.tuple(fc.constantFrom("own", "main", "sibling", "main", "sibling"), pick), { minLength: 8, maxLength: 8 }),
    method: fc.constantFrom("GET", "POST", "POST", "DELETE"),
    fields: fc.uniqueArray(fc.tuple(fc.constantFrom(...Object.keys(FORM_SIDS)), pick), { maxLength: 3, selector: ([name]) => name }),
    words: fc.uniqueArray(
      fc.constantFrom(
        ...["FriendlyName=x", "Identity=everybody", "UniqueName=everywhere", "Attributes={}", "Body=x"],
        ...["Type=conversation", "Permission=sendMessage", "State=closed", `Address=${encodeURIComponent(ALICE)}`, "PageSize=1", "Page=1"],
        ...["PhoneNumber=415", "PhoneNumber=%25", "Author=everybody", "To=%2B15558675310", `MessagingBinding.Address=%2B15558675310`],
      ),
      { maxLength: 4 },
    ),
    numbers: fc.constantFrom("", "From", "MessagingBinding.ProxyAddress", "MessagingBinding.ProjectedAddress", "PhoneNumber", "NearNumber"),
  });
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 25 }), async (steps) => {
      const attacker = await subaccount();
      await furnish(attacker, "own");
      const dumps: Record<string, Dump> = { own: await dump(attacker), main: before[0] ?? {}, sibling: before[1] ?? {} };
      const sid = (whose: string, prefix: string, index: number) => {
        const sids = sidsOf(dumps[whose] ?? {}, prefix);
        return sids[index % sids.length] ?? `${prefix}${"0".repeat(32)}`;
      };
      const addresses = addressesOf(dumps.own ?? {});
      for (const { template, address, swapped, picks, method, fields, words, numbers } of steps) {
        let position = 0;
        const next = () => picks[position++ % picks.length] ?? ["own", 0];
        const nextSid = (prefix: string) => {
          const [whose, index] = next();
          return sid(whose, prefix, index);
        };
        let place = 0;
        const own = addresses[address % addresses.length] ?? "";
        const path =
          template === null
            ? own.replace(/([A-Z]{2})[0-9a-f]{32}/g, (mine, prefix: string) => (place++ === swapped ? nextSid(prefix) : mine))
            : template.replace(/\{([A-Z]{2})\}/g, (_, prefix: string) => nextSid(prefix));
        const anySid = (prefix: string, index: number) => nextSid(prefix || (PREFIXES[index % PREFIXES.length] ?? "CH"));
        const pairs = fields.map(([name, index]) => `${name}=${name === "PageToken" ? "PA" : ""}${anySid(FORM_SIDS[name] ?? "", index)}`);
        const [whose] = next();
        const number = /"phone_number":"(\+\d+)"/.exec(JSON.stringify(dumps[whose]))?.[1] ?? "";
        const form = [...pairs, ...words, ...(numbers ? [`${numbers}=${encodeURIComponent(number)}`] : [])].join("&");
        const isForm = method === "POST";
        const answer = await ask(attacker, method, isForm ? path : `${path}?${form}`, isForm ? form : undefined);
        const what = `${method} ${path} ${form}: ${answer.status} ${answer.text}`;
        expect(answer.status, what).toBeLessThan(500);
        if (answer.status < 300) reached++;
        const asked = decodeURIComponent(`${path} ${form}`.replaceAll("+", " "));
        const told = foreign.filter((word) => answer.text.includes(word) && !asked.includes(word));
        expect(told, what).toEqual([]);
      }
      const after = await Promise.all(victims.map(({ account }) => dump(account)));
      expect(after).toEqual(before);
    }),
    { numRuns: RUNS },
  );
  // The requests were not all refused for something else.
  expect(reached).toBeGreaterThan(RUNS * 2);
});
