import { type Disturbance, type DisturbingProxy, startDisturbingProxy } from "../harness/disturbing-proxy.mts";
import type { Random } from "../harness/random.mts";
import { fullPlan, type Plan } from "./plan.mts";
import type { Scenario } from "./scenario.mts";
import type { Testbed } from "./testbed.mts";

/** Puts a proxy between the stack and the emulator. */
async function useProxy(testbed: Testbed): Promise<DisturbingProxy> {
  const proxy = await startDisturbingProxy(testbed.emulator.url);
  testbed.onClose(proxy.close);
  await testbed.stack.stack.setConfig("twilio:baseUrl", { value: proxy.url });
  return proxy;
}

/** Twilio's responses by the kind of their object, and what is false in their place. */
class Liar {
  lies = 0;
  private readonly bodies = new Map<string, string>();
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Remembers an object, which may later be the false response to a request for another one. */
  remember(body: string): void {
    const sid = sidIn(body);
    if (sid) this.bodies.set(sid, body);
  }

  /** What a proxy does that answers this share of the requests with something false. Twilio carries out the request, except a delete. */
  disturbance(share: number): Disturbance {
    return async ({ method }, send) => {
      const isLie = this.random.chance(share);
      if (isLie) this.lies += 1;
      if (isLie && method === "DELETE") return { status: 200, body: "{}" };
      const truth = await send();
      this.remember(truth.body);
      return isLie && truth.status < 400 ? { ...truth, body: this.falsify(truth.body) } : truth;
    };
  }

  /** Another object of the same kind, or nothing. */
  private falsify(body: string): string {
    const sid = sidIn(body);
    const others = [...this.bodies].filter(([other]) => sid !== undefined && other !== sid && other.slice(0, 2) === sid.slice(0, 2));
    return others.length > 0 && this.random.chance(0.7) ? this.random.pick(others)[1] : "{}";
  }
}

/** The SID of the object that a response describes. */
function sidIn(body: string): string | undefined {
  try {
    const { sid } = JSON.parse(body) as { sid?: string };
    return sid;
  } catch {
    // A 204 has no body.
    return undefined;
  }
}

/** Creates objects of nobody, with which responses can be false. Returns a function that deletes them. */
async function createDecoys({ client }: Testbed, liar: Liar): Promise<() => Promise<unknown>> {
  const services = "conversations.twilio.com/v1/Services";
  const form = { FriendlyName: "Decoy" };
  const service = await client.rest(services, form);
  const conversation = await client.rest(`${services}/${service.sid}/Conversations`, form);
  const participant = await client.rest(`${services}/${service.sid}/Conversations/${conversation.sid}/Participants`, { Identity: "decoy" });
  for (const body of [service, conversation, participant]) liar.remember(JSON.stringify(body));
  return async () => client.client.conversations.v1.services(String(service.sid)).remove();
}

/** Some responses are false in every operation. */
export const falseResponses: Scenario = {
  name: "false responses",
  async run(testbed, _options, random) {
    const { stack, expectedPurchases } = testbed;
    const proxy = await useProxy(testbed);
    const liar = new Liar(random);
    const removeDecoys = await createDecoys(testbed, liar);
    const ends: boolean[] = [];
    for (const revision of [1, 2, 3]) {
      testbed.plan = fullPlan(revision);
      proxy.disturbance = liar.disturbance(0.1);
      ends.push((await stack.up()).ok);
    }
    proxy.disturbance = undefined;
    const complete = await stack.up();
    expectedPurchases.apply(testbed.plan);
    proxy.disturbance = liar.disturbance(0.3);
    const destroyed = await stack.destroy();
    proxy.disturbance = undefined;
    await removeDecoys();
    const left = (await testbed.liveObjects()).filter(({ properties }) => !String(properties.smsUrl).includes("/call-back/"));
    if ((await testbed.purchases()).released > 0) expectedPurchases.releasedOutside("front-desk");
    testbed.plan = fullPlan(4);
    return {
      outcome: await stack.up(),
      method: `${liar.lies} false; ${ends.filter((isOk) => !isOk).length} of ${ends.length} ups failed`,
      problems: [
        ...(complete.ok ? [] : [`the up after the false responses failed: ${complete.text}`]),
        ...(destroyed.ok && left.length > 0 ? [`destroy reports success, and ${left.map(({ id }) => id).join(", ")} exist`] : []),
        ...(liar.lies > 0 ? [] : ["no response was false"]),
      ],
    };
  },
};

/** The network delivers every create twice and returns the first or the second response. */
export const duplicatedRequests = (answer: "first" | "second"): Scenario => ({
  name: `every POST delivered twice, ${answer} response`,
  async run(testbed) {
    const proxy = await useProxy(testbed);
    // Twilio accepts two services with one name, and shows nothing that tells which of them the stack has made.
    const plan: Plan = fullPlan(1);
    const { support: _support, ...others } = plan;
    testbed.plan = { support: plan.support as Plan[string] };
    const service = await testbed.stack.up();
    proxy.disturbance = async ({ method }, send) => {
      const first = await send();
      if (method !== "POST") return first;
      const second = await send();
      return answer === "first" ? first : second;
    };
    testbed.plan = { ...testbed.plan, ...others };
    const outcome = await testbed.stack.up();
    proxy.disturbance = undefined;
    return { outcome, problems: service.ok ? [] : [`the service was not created: ${service.text}`] };
  },
});

const writesPerSecond = 30;
const conversationCount = 300;
const maxSeconds = 15;

/** Twilio accepts 30 writes per second, and refuses every further write of that second. */
export const limitedWrites: Scenario = {
  name: `${writesPerSecond} writes per second, ${conversationCount} conversations`,
  async run(testbed) {
    const proxy = await useProxy(testbed);
    const accepted: number[] = [];
    let refused = 0;
    proxy.disturbance = async ({ method }, send) => {
      if (method === "GET") return send();
      const now = performance.now();
      if (now - (accepted.at(-writesPerSecond) ?? Number.NEGATIVE_INFINITY) < 1000) {
        refused += 1;
        return { status: 429, body: JSON.stringify({ code: 20429, message: "Too Many Requests", status: 429 }) };
      }
      accepted.push(now);
      return send();
    };
    const conversations = Array.from({ length: conversationCount }, (_, index) => [
      `c${index}`,
      { kind: "Conversation", service: "support", revision: 1 } as const,
    ]);
    testbed.plan = { support: { kind: "ConversationService", friendlyName: "Support" }, ...Object.fromEntries(conversations) };
    const outcome = await testbed.stack.up();
    const seconds = ((accepted.at(-1) ?? 0) - (accepted[0] ?? 0)) / 1000;
    const problems = [
      ...(outcome.ok ? [] : [`the up failed: ${outcome.text}`]),
      ...(seconds <= maxSeconds ? [] : [`the writes took ${seconds.toFixed(1)} s, not at most ${maxSeconds} s`]),
    ];
    return { outcome, problems, method: `${seconds.toFixed(1)} s, ${refused} refused` };
  },
};
