import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { resourceName } from "../../src/core/lifecycle/check";
import { suffixOf } from "../../src/core/lifecycle/define";
import type { Body, Context, Definition, Field, Product } from "../../src/core/lifecycle/definition";
import { runRegistry } from "../../src/core/lifecycle/identity";
import { lookup } from "../../src/core/lifecycle/lists";
import { objects } from "../../src/core/lifecycle/objects";
import { get } from "../../src/core/lifecycle/props";
import { stackAccount } from "../../src/core/lifecycle/stack-account";
import { formKey, fromBody } from "../../src/core/lifecycle/wire";
import type { Request, Twilio } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { operation } from "../support/openapi";
import { memoryOf } from "../support/world";

/** Where a definition knowingly differs from what Twilio publishes, each with its reason. One that no longer differs fails. */
interface Exceptions {
  /** Parameters of Twilio's that the definition does not have. */
  readonly missing: Record<string, string>;
  /** Parameters that Twilio's update takes on paper and that the definition replaces for. */
  readonly replacedAnyway: Record<string, string>;
  /** Values of an enum that the definition does not take. */
  readonly notTaken: Record<string, string>;
  /** Properties that no published answer shows. */
  readonly notShown: Record<string, string>;
}

const importOnly = "only for importing old conversations; a change would rewrite history";
const groupOnly = "Twilio takes it for transitions of group texts only (50439 to 50444) and refuses it otherwise (50441)";

const subjects: [Definition, Exceptions][] = [
  [
    phoneNumber,
    {
      missing: {
        ApiVersion: "the version of a TwiML session; everything else here is of 2010-04-01",
        AreaCode: "buys whatever comes first, which cannot be repeated safely: areaCode searches, then a number is bought by its name",
        AccountSid: "moves the number into another account, out of this resource's reach",
      },
      replacedAnyway: {},
      notTaken: {},
      notShown: {},
    },
  ],
  [
    conversationService,
    {
      missing: {},
      replacedAnyway: {},
      notTaken: {},
      notShown: { configuration: "is put together from the service's configuration, see below" },
    },
  ],
  [
    conversation,
    {
      missing: { DateCreated: importOnly, DateUpdated: importOnly },
      replacedAnyway: {},
      notTaken: { "State initializing": "set by Twilio alone, while participants are being added" },
      notShown: {
        "bindings.email.address": "the schema leaves bindings open and no example has an email binding",
        "bindings.email.name": "the schema leaves bindings open and no example has an email binding",
      },
    },
  ],
  [
    participant,
    {
      missing: {
        DateCreated: importOnly,
        DateUpdated: importOnly,
        LastReadMessageIndex: "moves with every message that is read: the application's, not the infrastructure's",
        LastReadTimestamp: "moves with every message that is read: the application's, not the infrastructure's",
      },
      replacedAnyway: {
        Identity: groupOnly,
        "MessagingBinding.ProxyAddress": groupOnly,
        "MessagingBinding.ProjectedAddress": groupOnly,
      },
      notTaken: {},
      notShown: {
        "whatsapp.address": "the schema leaves messaging_binding open and its examples have none of type whatsapp",
        "whatsapp.proxyAddress": "the schema leaves messaging_binding open and its examples have none of type whatsapp",
      },
    },
  ],
];

const hex = "0123456789abcdef0123456789abcdef";
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe.each(subjects.map(([definition, exceptions]) => [resourceName(definition), definition, exceptions] as const))(
  "%s, held against what Twilio publishes",
  (_noun, definition, exceptions) => {
    const { product } = definition;
    const suffix = suffixOf(product);
    const collection = definition.path(["IS1", "CH1"], "AC1");
    const create = operation(product, "post", collection + suffix);
    const read = operation(product, "get", `${collection}/X${suffix}`);
    const update = operation(product, "post", `${collection}/X${suffix}`);
    const taken = create?.form ?? {};
    const changeable = Object.keys(update?.form ?? {});

    const fields = Object.entries(definition.fields);
    const sent = fields.flatMap(([property, field]) => {
      const key = formKey(property, field);
      return key === false ? [] : [{ property, field, key }];
    });

    it("lies where Twilio has it, and can be made, read and deleted there", () => {
      expect(create).toBeDefined();
      expect(read).toBeDefined();
      expect(operation(product, "delete", `${collection}/X${suffix}`)).toBeDefined();
      // Without a parent, the default one's path is meant.
      if (definition.fields.service) expect(operation(product, "post", definition.path([], "AC1"))).toBeDefined();
    });

    it("sends only parameters that Twilio takes", () => {
      expect(sent.filter(({ key }) => !(key in taken)).map(({ property }) => property)).toEqual([]);
      expect(sent.filter(({ key, field }) => !field.createOnly && !changeable.includes(key)).map(({ property }) => property)).toEqual([]);
    });

    it("requires what Twilio requires", () => {
      const required = sent.filter(({ field }) => field.required).map(({ key }) => key);
      expect(create?.required.filter((name) => !required.includes(name))).toEqual([]);
    });

    it("replaces exactly for what Twilio cannot change, but for named exceptions", () => {
      const replaces = sent.filter(({ field }) => field.createOnly).map(({ key }) => key);
      const fixed = sent.map(({ key }) => key).filter((key) => !changeable.includes(key));
      expect(sorted(replaces)).toEqual(sorted([...fixed, ...Object.keys(exceptions.replacedAnyway)]));
      expect(sorted(fixed).filter((key) => key in exceptions.replacedAnyway)).toEqual([]);
    });

    it("has every parameter of Twilio's, but for named exceptions", () => {
      const keys: string[] = sent.map(({ key }) => key);
      const missing = [...Object.keys(taken), ...changeable].filter((name) => !keys.includes(name));
      expect(sorted(missing)).toEqual(sorted(Object.keys(exceptions.missing)));
    });

    it("reads its properties and outputs from where the answer has them, but for named exceptions", () => {
      const examples = [...(create?.examples ?? []), ...(read?.examples ?? []), ...(update?.examples ?? [])];
      const known = (path: string) => {
        const [top, ...rest] = path.split(".") as [string, ...string[]];
        const schema = read?.answer[top];
        if (!schema) return false;
        if (rest.length === 0) return true;
        return (
          rest.every((_, index) => schema.properties?.[rest.slice(0, index + 1).join(".")]) ||
          examples.some((body) => get(body, path) != null)
        );
      };
      const shown = ([property, field]: [string, Field]) => {
        if (typeof field.from === "function") return examples.some((body) => fromBody(property, field, body) !== undefined);
        return known(field.from || property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
      };
      const told = fields.filter(([, field]) => field.from !== false && !field.local && !field.parent);
      const notShown = [
        ...told.filter((entry) => !shown(entry)).map(([property]) => property),
        ...Object.entries(definition.outputs)
          .filter(([, from]) => typeof from === "string" && !known(from))
          .map(([output]) => output),
      ];
      expect(sorted(notShown)).toEqual(sorted(Object.keys(exceptions.notShown)));
    });

    it("never waits for an answer about what Twilio does not tell back", () => {
      const writeOnly = fields.filter(([, field]) => field.from === false).map(([property]) => property);
      expect(writeOnly.filter((property) => property.split(".")[0] !== "timers")).toEqual([]);
    });

    it("takes the words of Twilio's enums and no others, but for named exceptions", () => {
      const differing: string[] = [];
      for (const { field, key } of sent) {
        const words = taken[key]?.enum;
        if (!words) continue;
        differing.push(...words.filter((word) => field.format?.(word) !== undefined).map((word) => `${key} ${word}`));
        const own = [...(field.format?.(0) ?? "").matchAll(/"([^"]+)"/g)].map(([, word]) => word as string);
        expect(own.length, key).toBeGreaterThan(0);
        differing.push(...own.filter((word) => !words.includes(word)).map((word) => `${key} ${word}`));
      }
      expect(sorted(differing)).toEqual(sorted(Object.keys(exceptions.notTaken)));
    });

    it("takes SIDs of the kind that Twilio takes, and no other kind", () => {
      for (const { field, key, property } of sent) {
        const prefix = /^\^([A-Z]{2})\[/.exec(taken[key]?.pattern ?? "")?.[1];
        if (!prefix) continue;
        expect(field.format?.(`${prefix}${hex}`), property).toBeUndefined();
        expect(field.format?.(`ZZ${hex}`), property).toContain(prefix);
      }
    });

    it("counts the lengths that Twilio's descriptions name", () => {
      for (const { field, key, property } of sent) {
        const most = Number(/(?:limited|up) to (\d+) characters/i.exec(taken[key]?.description ?? "")?.[1]);
        if (!most) continue;
        expect(field.format?.("x".repeat(most)), property).toBeUndefined();
        expect(field.format?.("x".repeat(most + 1)), property).toContain(`at most ${most}`);
      }
    });

    it("has SIDs that look like Twilio's", () => {
      expect(read?.answer.sid?.pattern).toBe(`^${definition.sid}[0-9a-fA-F]{32}$`);
    });
  },
);

describe("what is said of several definitions at once", () => {
  it("the lengths above are named at least three times, the enums and SIDs too", () => {
    const params = subjects.flatMap(([{ product, path }]) =>
      Object.values(operation(product, "post", path(["IS1", "CH1"], "AC1") + suffixOf(product))?.form ?? {}),
    );
    expect(params.filter(({ description }) => /(?:limited|up) to \d+ characters/i.test(description ?? "")).length).toBeGreaterThan(2);
    expect(params.filter((schema) => schema.enum).length).toBeGreaterThan(2);
    expect(params.filter((schema) => schema.pattern).length).toBeGreaterThan(2);
  });
});

describe("requests beside create, read, update and delete", () => {
  /** A Twilio that answers with the published examples, and complains of requests that are not published. */
  function published(answers: (path: string) => Body | undefined = () => undefined) {
    const requests: string[] = [];
    const look = (product: Request["product"], method: "get" | "post" | "delete", path: string, query?: object, form?: object) => {
      // A resource asks no other product.
      const found = operation(product as Product, method, path);
      if (!found) expect.unreachable(`${method} ${path} is not published`);
      expect(
        Object.keys(query ?? {}).filter((name) => !found.query.includes(name)),
        `query of ${path}`,
      ).toEqual([]);
      expect(
        Object.keys(form ?? {}).filter((name) => !(name in found.form)),
        `form of ${path}`,
      ).toEqual([]);
      requests.push(`${method} ${path}`);
      return answers(path) ?? found.examples[0] ?? {};
    };
    const twilio: Twilio = {
      accountSid: "AC1",
      send: async ({ product, method, path, query, form }) => look(product, method, path, query, form),
      async *list({ product, path, query }, key) {
        yield* (look(product, "get", path, query)[key] ?? []) as Body[];
      },
      skewMs: () => 0,
      pause: async () => true,
    };
    const urn = "urn:pulumi:dev::p::t::n";
    const context: Context = { twilio, log: () => {}, notes: memoryOf(), account: stackAccount("AC1"), urn };
    return { context, requests };
  }

  it("a service's configuration is where Twilio has it, all of it", async () => {
    const { context, requests } = published();
    const whole = await conversationService.complete?.({ sid: "IS1" }, context);
    const configuration = whole?.configuration as Record<string, unknown>;
    expect(requests).toEqual(["get /v1/Services/IS1/Configuration"]);
    expect(Object.keys(configuration)).toHaveLength(3);
    expect(Object.values(configuration)).toEqual(Array(3).fill(expect.stringMatching(/^RL/)));
  });

  it("looking for what is there already asks published questions", async () => {
    const { context, requests } = published();
    const lookupOf = (definition: Definition) => lookup(definition, objects(definition), runRegistry());
    await lookupOf(conversation).findByName("room", { service: "IS1" }, context);
    await lookupOf(conversation).findByName("room", {}, context);
    await lookupOf(conversationService).findByName("support", {}, context);
    await lookupOf(participant).findByName("ada", { conversation: "IS1/CH1" }, context);
    await lookupOf(participant).findOwn({ conversation: "IS1/CH1", address: "+15558675310" }, context, undefined);
    await lookupOf(phoneNumber).findByName("+15005550006", {}, context);
    await conversationService.beforeDelete?.("IS1", { forceDestroy: false }, published(() => ({ conversations: [] })).context);
    expect(requests).toEqual([
      "get /v1/Services/IS1/Conversations/room",
      "get /v1/Conversations/room",
      "get /v1/Services",
      "get /v1/Services/IS1/Conversations/CH1/Participants/ada",
      "get /v1/Services/IS1/Conversations/CH1/Participants",
      "get /2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json",
    ]);
  });

  const everyCondition = Object.fromEntries(
    Object.keys(phoneNumber.fields)
      .filter((property) => property.startsWith("search.") && property !== "search.type")
      .map((property) => [property.slice("search.".length), property === "search.country" ? "US" : "1"]),
  );

  it.each(["local", "mobile", "toll-free"])(
    "every condition of a search for a %s number is one of Twilio's, and the price is published",
    async (type) => {
      const offer = { phone_number: "+15005550006", iso_country: "US" };
      const { context, requests } = published((path) => {
        if (path.includes("Available")) return { available_phone_numbers: [offer] };
        return path.includes("Incoming") ? { incoming_phone_numbers: [] } : undefined;
      });
      await phoneNumber.resolveInputs?.({ search: { ...everyCondition, type }, __urn: "urn:pulumi:dev::p::t::n" }, {}, context);
      expect(requests).toContainEqual(expect.stringMatching(/^get .*\/AvailablePhoneNumbers\/US\/(Local|Mobile|TollFree)\.json$/));
      expect(requests).toContain("get /v1/PhoneNumbers/Countries/US");
    },
  );

  it("every condition that Twilio has for a search is there, but for those of paging", () => {
    const { query } = operation("api", "get", "/2010-04-01/Accounts/AC1/AvailablePhoneNumbers/US/Local.json") as { query: string[] };
    const own = Object.keys(everyCondition).map((name) => name.charAt(0).toUpperCase() + name.slice(1));
    expect(query.filter((name) => !own.includes(name)).sort()).toEqual(["Page", "PageSize", "PageToken"]);
  });
});
