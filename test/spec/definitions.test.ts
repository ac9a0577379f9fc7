import { describe, expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { suffixOf } from "../../src/core/lifecycle/define";
import type { Field } from "../../src/core/lifecycle/definition";
import { formName } from "../../src/core/lifecycle/names";
import { get } from "../../src/core/lifecycle/props";
import { formKey, fromBody } from "../../src/core/lifecycle/wire";
import { messagingService } from "../../src/messaging/messaging-service";
import { messagingServiceSender } from "../../src/messaging/messaging-service-sender";
import { address } from "../../src/numbers/address";
import { phoneNumber } from "../../src/numbers/phone-number";
import { operation } from "../support/openapi";
import { alternativesOf } from "./alternatives";
import { conversationsSubjects } from "./conversations";
import { type Compared, exact } from "./exceptions";
import { iamSubjects } from "./iam";

const subjects: readonly Compared[] = [
  [
    phoneNumber,
    {
      missing: {
        ApiVersion: "the version of a TwiML session; all other parameters are of 2010-04-01",
        AreaCode: "buys any number, which cannot be retried safely; areaCode searches first and then buys a specific number",
        AccountSid: "moves the number into another account, out of this resource's reach",
      },
      replacesAnyway: {},
      notAccepted: {},
      notInResponse: {},
    },
  ],
  [
    messagingServiceSender,
    {
      ...exact,
      notInResponse: { sender: "is the sender in whatever property the kind of sender has" },
    },
  ],
  [address, exact],
  [messagingService, exact],
  ...iamSubjects,
  ...conversationsSubjects,
];

const hex = "0123456789abcdef0123456789abcdef";
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

it("every type of the catalog is compared, and no other", () => {
  expect(sorted(subjects.map(([definition]) => resourceName(definition)))).toEqual(sorted(catalog.map(resourceName)));
});

const compared = subjects.flatMap(([definition, exceptions]) =>
  alternativesOf(definition).map((one) => {
    // A channel sender has the property itself.
    const own = one.sid === "XE" ? { ...exceptions, notInResponse: {} } : exceptions;
    return [`${resourceName(one)}${one === definition ? "" : ` (${one.sid})`}`, one, own] as const;
  }),
);

describe.each(compared)("%s, compared with Twilio's specification", (_noun, definition, exceptions) => {
  const { product } = definition;
  const suffix = suffixOf(product);
  const collection = definition.path(["IS1", "CH1"], "AC1");
  // The path of a singleton is that of its one object, which is only updated.
  const item = definition.singleton ? collection : `${collection}/X`;
  const create = operation(product, "post", collection + suffix);
  const read = operation(product, "get", item + suffix);
  const update = operation(product, "post", item + suffix);
  const accepted = create?.form ?? {};
  const changeable = Object.keys(update?.form ?? {});

  const groupKey = definition.groups?.by && formName(definition.groups.by);
  const fields = Object.entries(definition.fields);
  const sent = fields.flatMap(([property, field]) => {
    const key = formKey(property, field);
    return key === false ? [] : [{ property, field, key }];
  });

  it("uses published paths to create, read and delete", () => {
    expect(create).toBeDefined();
    expect(read).toBeDefined();
    const isDeleted = !definition.singleton && exceptions.noDelete === undefined;
    if (!definition.singleton) expect(operation(product, "delete", item + suffix) !== undefined).toBe(isDeleted);
    // Without a parent, the path is that of the default service.
    if (definition.createPath) expect(operation(product, "post", definition.createPath(collection))?.form).toHaveProperty("Participant");
    if (definition.fields.service) expect(operation(product, "post", definition.path([], "AC1"))).toBeDefined();
  });

  it("sends only parameters that Twilio accepts", () => {
    const onlyInUpdates = Object.keys(exceptions.onlyInUpdates ?? {});
    expect(sent.filter(({ key }) => !(key in accepted)).map(({ property }) => property)).toEqual(onlyInUpdates);
    const updated = sent.filter(({ field }) => field.createOnly !== true && !field.sentOnCreate);
    expect(updated.filter(({ key }) => !changeable.includes(key)).map(({ property }) => property)).toEqual([]);
    if (definition.groups) expect(Object.keys(accepted)).toContain(groupKey);
  });

  it("requires what Twilio requires", () => {
    const required = sent.filter(({ field }) => field.required).map(({ key }) => key);
    const own = [...required, groupKey, ...Object.keys(exceptions.missing)];
    expect(create?.required.filter((name) => !own.includes(name))).toEqual([]);
  });

  it("replaces for exactly those properties that Twilio cannot change, apart from the listed exceptions", () => {
    const replaces = sent.filter(({ field }) => field.createOnly === true).map(({ key }) => key);
    const fixed = sent.flatMap(({ key, field }) => (changeable.includes(key) || field.sentOnCreate ? [] : [key]));
    // A switch of the group replaces, unless Twilio can switch.
    if (definition.groups) expect(changeable.includes(groupKey as string)).toBe(definition.groups.switchable === true);
    for (const { key, field } of sent) if (field.sentOnCreate) expect(changeable).not.toContain(key);
    expect(sorted(replaces)).toEqual(sorted([...fixed, ...Object.keys(exceptions.replacesAnyway)]));
    expect(sorted(fixed).filter((key) => key in exceptions.replacesAnyway)).toEqual([]);
  });

  it("has all of Twilio's parameters, apart from the listed exceptions", () => {
    const keys: string[] = sent.map(({ key }) => key);
    const own = [...keys, groupKey];
    const missing = [...Object.keys(accepted), ...changeable].filter((name) => !own.includes(name));
    expect(sorted(missing)).toEqual(sorted(Object.keys(exceptions.missing)));
  });

  it("reads properties and outputs from published response fields, apart from the listed exceptions", () => {
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
    const readable = fields.filter(([, field]) => field.from !== false && !field.local && !field.parent && field.type !== "empty");
    const notInResponse = [
      ...readable.filter((entry) => !shown(entry)).map(([property]) => property),
      ...Object.entries(definition.outputs)
        .filter(([, from]) => typeof from === "string" && !known(from))
        .map(([output]) => output),
    ];
    expect(sorted(notInResponse)).toEqual(sorted(Object.keys(exceptions.notInResponse)));
  });

  it("has no write-only property except secrets, timers, the time of a reading and what only a create sends", () => {
    const isExplained = ({ type, sentOnCreate }: Field) => type === "secret" || sentOnCreate;
    const writeOnly = fields.filter(([, field]) => field.from === false && !isExplained(field)).map(([property]) => property);
    // How one request is to be carried out is no property of the address.
    const known = ["timers", "lastReadTimestamp", "autoCorrectAddress"];
    expect(writeOnly.filter((property) => !known.includes(property.split(".")[0] as string))).toEqual([]);
  });

  it("accepts exactly Twilio's enum values, apart from the listed exceptions", () => {
    const differing: string[] = [];
    for (const { field, key } of sent) {
      // Twilio ignores the case of a keyword.
      const inCase = (word: string) => (field.type === "keyword" && field.format?.(word) !== undefined ? word.toUpperCase() : word);
      const words = accepted[key]?.enum?.map(inCase);
      if (!words) continue;
      differing.push(...words.filter((word) => field.format?.(word) !== undefined).map((word) => `${key} ${word}`));
      const own = [...(field.format?.(0) ?? "").matchAll(/"([^"]+)"/g)].map(([, word]) => word as string);
      expect(own.length, key).toBeGreaterThan(0);
      differing.push(...own.filter((word) => !words.includes(word)).map((word) => `${key} ${word}`));
    }
    expect(sorted(differing)).toEqual(sorted(Object.keys(exceptions.notAccepted)));
  });

  it("accepts only SIDs with Twilio's prefix", () => {
    for (const { field, key, property } of sent) {
      const prefix = /^\^([A-Z]{2})\[/.exec(accepted[key]?.pattern ?? "")?.[1];
      if (!prefix) continue;
      expect(field.format?.(`${prefix}${hex}`), property).toBeUndefined();
      expect(field.format?.(`ZZ${hex}`), property).toContain(prefix);
    }
  });

  it("enforces the lengths in Twilio's descriptions", () => {
    for (const { field, key, property } of sent) {
      const most = Number(/(?:limited|up) to (\d+) characters/i.exec(accepted[key]?.description ?? "")?.[1]);
      if (!most) continue;
      expect(field.format?.("x".repeat(most)), property).toBeUndefined();
      expect(field.format?.("x".repeat(most + 1)), property).toContain(`at most ${most}`);
    }
  });

  it("uses Twilio's SID pattern", () => {
    // A singleton has the SID of what it belongs to.
    const owners: Record<string, string> = { AC: "account_sid", IS: "chat_service_sid", CH: "conversation_sid" };
    const owner = read?.answer[owners[definition.sid] ?? ""];
    const sid = definition.singleton ? owner : read?.answer.sid;
    expect(sid?.pattern).toBe(`^${definition.sid}[0-9a-fA-F]{32}$`);
  });
});

describe("the specification", () => {
  it("contains at least three lengths, enums and SID patterns for the tests above", () => {
    const params = subjects.flatMap(([{ product, path }]) =>
      Object.values(operation(product, "post", path(["IS1", "CH1"], "AC1") + suffixOf(product))?.form ?? {}),
    );
    expect(params.filter(({ description }) => /(?:limited|up) to \d+ characters/i.test(description ?? "")).length).toBeGreaterThan(2);
    expect(params.filter((schema) => schema.enum).length).toBeGreaterThan(2);
    expect(params.filter((schema) => schema.pattern).length).toBeGreaterThan(2);
  });
});
