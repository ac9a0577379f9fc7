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
/** All data of an account, by the path at which it was read. */
type Dump = Record<string, unknown>;

const CONVERSATIONS = "/conversations.twilio.com/v1";
const MESSAGING = "/messaging.twilio.com/v1";
const accountPath = (sid: string) => `/api.twilio.com/2010-04-01/Accounts/${sid}`;

async function request({ user, password }: Account, method: string, path: string, form?: string) {
  const headers = {
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  return send(twilio.emulator.url, { method, path, headers, ...(form === undefined ? {} : { body: form }) });
}

/** Creates one resource of each kind, labeled with the account's mark. Natural keys are the same in all accounts. */
async function createResources(account: Account, mark: string): Promise<void> {
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
    const conversation = scope.conversations(sid);
    await conversation.participants.create({ identity: "everybody", roleSid: role.sid, attributes: `{"of":"${mark}"}` });
    // An account may bind a pair of addresses only once.
    const address = scope === conversations ? ALICE : `+1555867${number.phoneNumber.slice(-4)}`;
    await conversation.participants.create({ "messagingBinding.address": address, "messagingBinding.proxyAddress": number.phoneNumber });
    await conversation.messages.create({ body: `${mark} message`, author: "everybody" });
    await conversation.webhooks.create({
      target: "trigger",
      "configuration.url": webhooks.preWebhookUrl,
      "configuration.triggers": [mark],
    });
  }
}

/** Reads all data of the account. */
async function dump(account: Account): Promise<Dump> {
  const data: Dump = {};
  const read = async (path: string) => {
    const { status, json } = await request(account, "GET", path);
    expect(status, path).toBe(200);
    data[path] = json;
    return json as Record<string, { sid: string }[]>;
  };
  const own = accountPath(account.sid);
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
  return data;
}

/** The values in a dump that only its own account may read: SIDs, numbers, secrets, and the mark. */
function privateValuesOf(data: Dump, mark: string, except: readonly string[]): string[] {
  const values = JSON.stringify(data).match(/\b[A-Z]{2}[0-9a-f]{32}\b|(?<="auth_token":")[0-9a-f]{32}|(?<="phone_number":")\+\d+/g) ?? [];
  return [...new Set([...values, mark])].filter((value) => !except.includes(value));
}

const sidsOf = (data: Dump, prefix: string) => [...new Set(JSON.stringify(data).match(new RegExp(`\\b${prefix}[0-9a-f]{32}\\b`, "g")))];

/** The paths of all resources in a dump, as the API returns them. */
function pathsOf(data: Dump): string[] {
  const found = [...JSON.stringify(data).matchAll(/"ur[il]":"(?:https:\/)?(\/[^"?]+)/g)].map(([, path]) => path ?? "");
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
    .map((path) => `${accountPath("{AC}")}${path}`),
  "/api.twilio.com/2010-04-01/Accounts.json",
];

const index = fc.nat({ max: 1000 });
const stepOf = fc.record({
  // Either any path with SIDs of any account, or one of the attacker's own paths with at most one SID replaced.
  template: fc.option(fc.constantFrom(...TEMPLATES), { freq: 2 }),
  ownPath: index,
  replacedSid: fc.nat({ max: 5 }),
  picks: fc.array(fc.tuple(fc.constantFrom("own", "main", "sibling", "main", "sibling"), index), { minLength: 8, maxLength: 8 }),
  method: fc.constantFrom("GET", "POST", "POST", "DELETE"),
  sidFields: fc.uniqueArray(fc.tuple(fc.constantFrom(...Object.keys(FORM_SIDS)), index), { maxLength: 3, selector: ([name]) => name }),
  otherFields: fc.uniqueArray(
    fc.constantFrom(
      ...["FriendlyName=x", "Identity=everybody", "UniqueName=everywhere", "Attributes={}", "Body=x"],
      ...["Type=conversation", "Permission=sendMessage", "State=closed", `Address=${encodeURIComponent(ALICE)}`, "PageSize=1", "Page=1"],
      ...["PhoneNumber=415", "PhoneNumber=%25", "Author=everybody", "To=%2B15558675310", `MessagingBinding.Address=%2B15558675310`],
    ),
    { maxLength: 4 },
  ),
  numberField: fc.constantFrom(
    "",
    "From",
    "MessagingBinding.ProxyAddress",
    "MessagingBinding.ProjectedAddress",
    "PhoneNumber",
    "NearNumber",
  ),
});
type Step = typeof stepOf extends fc.Arbitrary<infer T> ? T : never;

/** Builds a request with SIDs and numbers from the dumps of several accounts. */
function requestOf(step: Step, dumps: Record<string, Dump>, ownPaths: readonly string[]) {
  let position = 0;
  const nextPick = () => step.picks[position++ % step.picks.length] ?? ["own", 0];
  const nextSid = (prefix: string) => {
    const [owner, sidIndex] = nextPick();
    const sids = sidsOf(dumps[owner] ?? {}, prefix);
    return sids[sidIndex % sids.length] ?? `${prefix}${"0".repeat(32)}`;
  };
  let sidPosition = 0;
  const ownPath = ownPaths[step.ownPath % ownPaths.length] ?? "";
  const path =
    step.template === null
      ? ownPath.replace(/([A-Z]{2})[0-9a-f]{32}/g, (sid, prefix: string) => (sidPosition++ === step.replacedSid ? nextSid(prefix) : sid))
      : step.template.replace(/\{([A-Z]{2})\}/g, (_, prefix: string) => nextSid(prefix));
  const sidFields = step.sidFields.map(([name, prefixIndex]) => {
    const prefix = FORM_SIDS[name] || (PREFIXES[prefixIndex % PREFIXES.length] ?? "CH");
    return `${name}=${name === "PageToken" ? "PA" : ""}${nextSid(prefix)}`;
  });
  const [owner] = nextPick();
  const number = /"phone_number":"(\+\d+)"/.exec(JSON.stringify(dumps[owner]))?.[1] ?? "";
  const numberField = step.numberField ? [`${step.numberField}=${encodeURIComponent(number)}`] : [];
  return { method: step.method, path, form: [...sidFields, ...step.otherFields, ...numberField].join("&") };
}

it("an account can never read or change resources of another account", async () => {
  const main: Account = { sid: twilio.emulator.accountSid, user: twilio.emulator.accountSid, password: twilio.emulator.authToken };
  const subaccount = async (): Promise<Account> => {
    const { sid, authToken } = await twilio.client.api.v2010.accounts.create({});
    return { sid, user: sid, password: authToken };
  };
  const sibling = await subaccount();
  await createResources(main, "marked-main");
  await createResources(sibling, "marked-sibling");
  await twilio.control.advance(0);
  const victims = [
    { account: main, mark: "marked-main" },
    { account: sibling, mark: "marked-sibling" },
  ];
  const before = await Promise.all(victims.map(({ account }) => dump(account)));
  // A subaccount may know the SID of its main account.
  const foreign = victims.flatMap(({ mark }, index) => privateValuesOf(before[index] ?? {}, mark, [main.sid, ALICE]));
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(stepOf, { minLength: 25, maxLength: 25 }), async (steps) => {
      const attacker = await subaccount();
      await createResources(attacker, "own");
      const dumps: Record<string, Dump> = { own: await dump(attacker), main: before[0] ?? {}, sibling: before[1] ?? {} };
      const ownPaths = pathsOf(dumps.own ?? {});
      for (const step of steps) {
        const { method, path, form } = requestOf(step, dumps, ownPaths);
        const isForm = method === "POST";
        const response = await request(attacker, method, isForm ? path : `${path}?${form}`, isForm ? form : undefined);
        const description = `${method} ${path} ${form}: ${response.status} ${response.text}`;
        expect(response.status, description).toBeLessThan(500);
        if (response.status < 300) reached++;
        const sent = decodeURIComponent(`${path} ${form}`.replaceAll("+", " "));
        const leaked = foreign.filter((value) => response.text.includes(value) && !sent.includes(value));
        expect(leaked, description).toEqual([]);
      }
      const after = await Promise.all(victims.map(({ account }) => dump(account)));
      expect(after).toEqual(before);
    }),
    { numRuns: RUNS },
  );
  // Enough requests succeeded to make the test meaningful.
  expect(reached).toBeGreaterThan(RUNS * 2);
});
