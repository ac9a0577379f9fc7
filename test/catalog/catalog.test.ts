import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { catalog, catalogEntries, sets } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { parentProperty } from "../../src/core/lifecycle/parents";
import * as api from "../../src/index";
import provider from "../../src/provider";
import { subjects } from "../conformance/subjects";

/** Names in the states of users. A release may add one and must never remove one. */
const frozen = [
  "PhoneNumber",
  "Address",
  "ConversationService",
  "ConversationRole",
  "ConversationUser",
  "Conversation",
  "Participant",
  "ConversationWebhook",
  "ConversationConfiguration",
  "MessagingService",
  "MessagingServiceSender",
  "AddressConfiguration",
  "ConversationWebhookConfiguration",
  "ConversationServiceWebhookConfiguration",
  "ConversationServiceConfiguration",
  "ConversationServiceNotification",
  "PushCredential",
  "ApiKey",
  "UserConversation",
  "ConversationMessage",
  "ConversationWithParticipants",
  "TwimlApp",
  "Subaccount",
  "ConversationSet",
  "ParticipantSet",
  "UserSet",
];

it("the provider serves every type that a state may name, and every type of the catalog and of its sets", () => {
  const names = [...catalog, ...sets].map(resourceName);
  expect(Object.keys(provider).sort()).toEqual([...names].sort());
  expect([...names].sort()).toEqual([...frozen].sort());
  for (const handle of Object.values(provider)) expect(handle.handler()).toHaveProperty("create");
});

it("every type of the catalog has a class in the public API, at the top level and in its product's namespace", () => {
  const classes = new Map<string, unknown>(Object.entries(api));
  for (const definition of catalog) {
    const name = resourceName(definition);
    const product = /^twilio\/(\w+):/.exec(definition.type)?.[1] as string;
    expect(classes.get(name), name).toHaveProperty("get");
    expect(classes.get(product), product).toHaveProperty(name, classes.get(name));
  }
});

it("every set has a class in the public API, and the type token that states have", () => {
  const classes = new Map<string, unknown>(Object.entries(api));
  expect(sets.map(({ type, item }) => [type, item.type]).sort()).toEqual([
    ["twilio/conversations:ConversationSet", "twilio/conversations:Conversation"],
    ["twilio/conversations:ParticipantSet", "twilio/conversations:Participant"],
    ["twilio/conversations:UserSet", "twilio/conversations:ConversationUser"],
  ]);
  for (const set of sets) {
    const name = resourceName(set);
    expect(classes.get(name), name).toHaveProperty("isInstance");
    expect(classes.get("conversations"), name).toHaveProperty(name, classes.get(name));
    expect(catalog).toContain(set.item);
  }
});

it("a parent and what others refer to precede them, so that what is exported compiles in order", () => {
  const names = catalog.map(resourceName);
  for (const definition of catalog) {
    for (const { parent, reference } of Object.values(definition.fields)) {
      const target = parent ?? reference?.resource;
      if (target)
        expect(names.indexOf(target), `${target} of ${resourceName(definition)}`).toBeLessThan(names.indexOf(resourceName(definition)));
    }
  }
});

it("every type has a plural of its own, and either a list or one object", () => {
  const plurals = catalogEntries.map(({ facts }) => facts.plural);
  expect(new Set(plurals).size).toBe(plurals.length);
  for (const definition of catalog) expect((definition.list === undefined) === (definition.singleton === true), definition.type).toBe(true);
});

it("every type and set is in the README and has a row in the list of resources; a type has a subject in the conformance suite", () => {
  const [readme = "", list = ""] = ["README.md", "docs/resources.md"].map((path) =>
    readFileSync(join(import.meta.dirname, "../..", path), "utf8"),
  );
  for (const definition of [...catalog, ...sets]) {
    expect(readme).toContain(`\`${resourceName(definition)}\``);
    expect(list).toContain(`| [\`${resourceName(definition)}\`](`);
  }
  expect(subjects.map(({ definition }) => resourceName(definition)).sort()).toEqual(catalog.map(resourceName).sort());
});

it("a parent is named by the property that holds it", () => {
  for (const definition of catalog) {
    const property = parentProperty(definition);
    const parent = property && definition.fields[property]?.parent;
    if (property) expect(parent?.toLowerCase().endsWith(property.toLowerCase()), definition.type).toBe(true);
  }
});
