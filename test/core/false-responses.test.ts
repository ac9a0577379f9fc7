import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { ProxiedRequest, ProxiedResponse } from "../../tools/harness/disturbing-proxy.mts";
import { type Lie, type LyingServer, startLyingServer } from "../support/lying-server";
import type { Declared, MiniEngine } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

type Body = Record<string, unknown>;

let twilio: TestTwilio;
let server: LyingServer;
beforeAll(async () => {
  twilio = await TestTwilio.open();
  server = await startLyingServer(twilio.emulator.url);
});
afterAll(async () => {
  await server.close();
  await twilio.close();
});

/** One resource of each kind. */
function program(friendlyName = "First", adopted: Readonly<Record<string, string>> = {}): Declared[] {
  const adopt = (name: string): Props => (adopted[name] === undefined ? {} : { adopt: adopted[name], onDelete: "retain" });
  const search = adopted.number === undefined ? { areaCode: "415" } : {};
  const inRoom = (of: (name: string) => Props) => ({ conversation: of("room").id });
  return [
    { name: "number", definition: phoneNumber, args: { ...search, friendlyName, onDelete: "release", ...adopt("number") } },
    { name: "service", definition: conversationService, args: { friendlyName: "Support", ...adopt("service") } },
    { name: "room", definition: conversation, args: (of) => ({ service: of("service").id, friendlyName, ...adopt("room") }) },
    {
      name: "ada",
      definition: participant,
      args: (of) => ({ ...inRoom(of), identity: "ada", attributes: { friendlyName }, ...adopt("ada") }),
    },
    {
      name: "phone",
      definition: participant,
      args: (of) => ({
        ...inRoom(of),
        sms: { address: "+15558675310", proxyAddress: of("number").phoneNumber },
        attributes: { friendlyName },
        ...adopt("phone"),
      }),
    },
    {
      name: "hook",
      definition: conversationWebhook,
      args: (of) => ({
        ...inRoom(of),
        webhook: { url: "https://example.com/hook", filters: [friendlyName === "First" ? "onMessageAdded" : "onMessageUpdated"] },
        ...adopt("hook"),
      }),
    },
    { name: "defaults", definition: conversationConfiguration, args: { defaultClosedTimer: friendlyName === "First" ? "PT1H" : "PT2H" } },
  ];
}

/** Objects of somebody else, by the prefix of their SIDs. */
type Others = Readonly<Record<string, Body>>;

const make = (path: string, form: Record<string, string>) => twilio.rest("POST", "conversations", path, form);

/** Objects of the same kinds that no program manages, some with the same names. */
async function createOthers(): Promise<Others> {
  const IS = await make("/v1/Services", { FriendlyName: "Theirs" });
  const CH = await make(`/v1/Services/${IS.sid}/Conversations`, { UniqueName: "theirs", FriendlyName: "Theirs" });
  const room = `/v1/Services/${IS.sid}/Conversations/${CH.sid}`;
  const MB = await make(`${room}/Participants`, { Identity: "bob" });
  const WH = await make(`${room}/Webhooks`, {
    Target: "webhook",
    "Configuration.Url": "https://example.com/theirs",
    "Configuration.Filters": "onMessageAdded",
  });
  const PhoneNumber = twilio.forSale.at(-1) as string;
  const path = `${twilio.accountPath()}/IncomingPhoneNumbers.json`;
  const PN = await twilio.rest("POST", "api", path, { PhoneNumber, FriendlyName: "Theirs" });
  const configuration = await twilio.rest("GET", "conversations", `/v1/Services/${IS.sid}/Configuration`);
  return { IS, CH, MB, WH, PN, configuration };
}

/** What Twilio holds of them now; fails if one is gone. */
async function othersNow({ IS, CH, MB, WH, PN }: Others): Promise<unknown> {
  const room = `${IS?.sid}/${CH?.sid}`;
  const found: [type: string, id: unknown][] = [
    [conversationService.type, IS?.sid],
    [conversation.type, room],
    [participant.type, `${room}/${MB?.sid}`],
    [conversationWebhook.type, `${room}/${WH?.sid}`],
    [phoneNumber.type, PN?.sid],
  ];
  return Promise.all(found.map(([type, id]) => twilio.read(type, String(id))));
}

const isRecord = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);
const listKeyOf = (body: Body) => Object.keys(body).find((key) => Array.isArray(body[key]) && ("meta" in body || "uri" in body));
const json = (status: number, body: unknown): ProxiedResponse => ({ status: status === 204 ? 200 : status, body: JSON.stringify(body) });

/** False answers, each made from the true one. `undefined`: this kind of falsehood does not apply to it. */
const falsehoods: Readonly<
  Record<string, (truth: Body | undefined, answer: ProxiedResponse, others: Others) => ProxiedResponse | undefined>
> = {
  "another object of the kind": (truth, { status }, others) => {
    if (!truth) return json(status, others.CH);
    const key = listKeyOf(truth);
    const prefixOf = (body: Body | undefined) => String(body?.sid).slice(0, 2);
    if (key === undefined && truth.sid === undefined) return "chat_service_sid" in truth ? json(status, others.configuration) : undefined;
    const [first] = (key === undefined ? [truth] : truth[key]) as Body[];
    const other = others[prefixOf(first)];
    return other && json(status, key === undefined ? other : { ...truth, [key]: [other] });
  },
  "an object of another kind": (truth, { status }, others) =>
    json(status, String(truth?.sid).startsWith("MB") ? others.IS : { ...others.MB, sid: others.MB?.sid }),
  "an object of another account": (truth, { status, body }) =>
    truth && { status, body: body.replaceAll(twilio.emulator.accountSid, `AC${"9".repeat(32)}`) },
  "half of the JSON": (truth, { status, body }) => truth && { status, body: body.slice(0, body.length / 2) },
  "JSON without content": (_truth, { status }) => json(status, {}),
  "a list without its key": (truth, { status }) => {
    const key = truth && listKeyOf(truth);
    return key === undefined ? undefined : json(status, { ...truth, [key]: undefined });
  },
  "a list whose key is not an array": (truth, { status }) => {
    const key = truth && listKeyOf(truth);
    return key === undefined ? json(status, []) : json(status, { ...truth, [key]: {} });
  },
  "a list that continues elsewhere": (truth, { status }) => {
    const elsewhere = "https://elsewhere.example/v1/Other?Page=1";
    if (!truth || listKeyOf(truth) === undefined) return undefined;
    return json(status, { ...truth, next_page_uri: elsewhere, ...(isRecord(truth.meta) && { meta: { next_page_url: elsewhere } }) });
  },
  "nothing, with status 200": () => ({ status: 200, body: "" }),
};

const parsed = ({ body }: ProxiedResponse): Body | undefined => (body === "" ? undefined : (JSON.parse(body) as Body));

/** Errors of JavaScript itself: the code did not expect the answer. */
const unexpected = /Cannot read prop|is not a function|not iterable|Unexpected (token|end)|Invalid URL|undefined is not/;

interface Case {
  /** What is there before; its requests are answered truthfully. */
  readonly before: (engine: MiniEngine) => Promise<unknown>;
  readonly operation: (engine: MiniEngine) => Promise<unknown>;
  /** What the program declares afterwards. */
  readonly after: () => Declared[];
}

const engineOf = () => twilio.engine({ "twilio:baseUrl": server.url, "twilio:operationTimeout": "2" });

/** Starts with an empty account that also has the objects of somebody else. */
async function start({ before }: Case) {
  server.lie = undefined;
  await twilio.reset();
  const others = await createOthers();
  const engine = engineOf();
  await before(engine);
  server.taken();
  return { engine, others, theirs: await othersNow(others) };
}

/** Carries out an operation, of which one request is answered with a falsehood, once or always, and then the same without it. */
async function expectNoHarm(which: Case, index: number, how: string, always: boolean): Promise<"harmless" | "refused" | "unused"> {
  const { engine, others, theirs } = await start(which);
  const known = engine.state;
  let seen = 0;
  let told: ProxiedRequest | undefined;
  server.lie = (call, answer): ReturnType<Lie> => {
    const isTold = always && told?.method === call.method && told.url === call.url;
    if ((seen++ !== index && !isTold) || answer.status >= 300) return undefined;
    const lie = falsehoods[how]?.(parsed(answer), answer, others);
    if (lie) told = call;
    return lie;
  };
  const error = await which.operation(engine).then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  server.lie = undefined;
  const line = `${how}, for ${told?.method} ${told?.url}: ${error?.message ?? "no error"}`;
  expect(error?.message ?? "", line).not.toMatch(unexpected);
  // The engine keeps the errors of a create; they may name what was in the response.
  const state = JSON.stringify(engine.state.map(({ initErrors: _errors, ...kept }) => kept));
  for (const { sid } of Object.values(others)) if (sid) expect(state, line).not.toContain(sid);
  expect(state, line).not.toContain(`AC${"9".repeat(32)}`);
  if (which === cases.refresh)
    expect(
      engine.state.map(({ id }) => id),
      line,
    ).toEqual(known.map(({ id }) => id));
  expect(await othersNow(others), line).toEqual(theirs);
  if (!told) return "unused";

  await engine.up(which.after());
  const names = which.after().map(({ name }) => name);
  expect(engine.state.map(({ name }) => name).sort(), line).toEqual(names.sort());
  const listed = await twilio.rest("GET", "conversations", `/v1/Services?PageSize=100`);
  const services = (listed.services as Body[]).filter(({ friendly_name }) => friendly_name === "Support");
  expect(services.length, `${line}; services`).toBe(names.includes("service") ? 1 : 0);
  const numbers = await twilio.rest("GET", "api", `${twilio.accountPath()}/IncomingPhoneNumbers.json`);
  expect((numbers.incoming_phone_numbers as Body[]).length, `${line}; numbers`).toBe(names.includes("number") ? 2 : 1);
  expect(await othersNow(others), line).toEqual(theirs);
  return error ? "refused" : "harmless";
}

let sids: Readonly<Record<string, string>> = {};

/** `X.get` of each resource, with what it must return. */
async function getEach(engine: MiniEngine): Promise<void> {
  for (const { name, id, type, outputs } of engine.state) {
    const { definition } = program().find((declared) => declared.name === name) as Declared;
    const { sid, accountSid } = await engine.get(definition as Definition, id);
    expect({ type, sid, accountSid }).toEqual({ type, sid: outputs.sid, accountSid: outputs.accountSid });
  }
}

const cases = {
  create: { before: async () => {}, operation: (engine) => engine.up(program()), after: () => program() },
  update: { before: (engine) => engine.up(program()), operation: (engine) => engine.up(program("Second")), after: () => program("Second") },
  refresh: { before: (engine) => engine.up(program()), operation: (engine) => engine.refresh(), after: () => program() },
  get: { before: (engine) => engine.up(program()), operation: getEach, after: () => program() },
  adopt: {
    before: async () => {
      const other = twilio.engine({}, new Map());
      await other.up(program());
      sids = Object.fromEntries(other.state.map(({ name, id }) => [name, id.split("/").at(-1) as string]));
    },
    operation: (engine) => engine.up(program("Second", sids)),
    after: () => program("Second", sids),
  },
  destroy: { before: (engine) => engine.up(program()), operation: (engine) => engine.destroy(), after: () => [] },
} satisfies Record<string, Case>;

/** Every request is answered falsely with FALSE_RESPONSES=all; otherwise every twelfth one, other ones for each falsehood. */
const step = process.env.FALSE_RESPONSES === "all" ? 1 : 12;
const ways = Object.keys(falsehoods).flatMap((how, index) => [
  { how, times: "once", first: index % step },
  // A response that is not JSON is retried until the operation's time is up.
  ...(["half of the JSON", "nothing, with status 200"].includes(how) ? [] : [{ how, times: "always", first: (index + 3) % step }]),
]);

describe.each(Object.entries(cases))("a false response during %s", (name, which: Case) => {
  it.each(ways)("$how, $times: harms nothing, and the next run completes it", { timeout: 120_000 }, async ({ how, times, first }) => {
    const { engine } = await start(which);
    await which.operation(engine);
    const count = server.taken().length;
    expect(count).toBeGreaterThan(5);
    const seen = new Set<string>();
    for (let index = first % count; index < count; index += step) seen.add(await expectNoHarm(which, index, how, times === "always"));
    expect(seen.size, name).toBeGreaterThan(0);
  });
});

describe("a create that is answered with an equal object", () => {
  const create = async (secondsBefore: number) => {
    await twilio.reset();
    server.lie = ({ method, url }, truth) => {
      if (method !== "POST" || !url.endsWith("/Services")) return undefined;
      const body = JSON.parse(truth.body) as Body;
      const date = new Date(Date.parse(String(body.date_created)) - 1000 * secondsBefore);
      return { ...truth, body: JSON.stringify({ ...body, date_created: date.toISOString() }) };
    };
    const engine = twilio.engine({ "twilio:baseUrl": server.url });
    await engine.up([{ name: "it", definition: conversationService, args: { friendlyName: "Support" } }]).finally(() => {
      server.lie = undefined;
    });
    return twilio.log.join("\n");
  };

  it("is looked up if the object in the response was created ten seconds before the request", async () => {
    expect(await create(10)).toContain("Recovered ConversationService");
  });

  it("believes the response if its date is no earlier than clocks and whole seconds explain", async () => {
    expect(await create(3)).not.toContain("Recovered");
  });
});
