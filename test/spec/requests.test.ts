import { describe, expect, it } from "vitest";
import { addressConfiguration } from "../../src/conversations/address-configuration";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Context, Definition } from "../../src/core/lifecycle/definition";
import { runRegistry } from "../../src/core/lifecycle/identity";
import { Lookup } from "../../src/core/lifecycle/lists";
import { objects } from "../../src/core/lifecycle/objects";
import { stackAccount } from "../../src/core/lifecycle/stack-account";
import type { Body, Product, Request, Twilio } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { noteStoreOf } from "../support/note-store";
import { operation } from "../support/openapi";

/** A published example, as the response to a request with the SIDs and names of this path. */
const about = (path: string, example: Body): Body => ({
  ...JSON.parse(JSON.stringify(example).replace(/\b(AC|IS|CH)a{32}\b/g, "$11")),
  ...(path.endsWith("/room") && { unique_name: "room" }),
  ...(path.endsWith("/%2B15558675310") && { address: "+15558675310" }),
  ...(path.endsWith("/ada") && { identity: "ada" }),
});

describe("other requests", () => {
  /** A fake Twilio that answers with the published examples and refuses requests that are not in the specification. */
  function specifiedTwilio(responses: (path: string) => Body | undefined = () => undefined) {
    const requests: string[] = [];
    const respond = (product: Request["product"], method: "get" | "post" | "delete", path: string, query?: object, form?: object) => {
      // Resources use no other product.
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
      return responses(path) ?? about(path, found.examples[0] ?? {});
    };
    const twilio: Twilio = {
      accountSid: "AC1",
      send: async ({ product, method, path, query, form }) => respond(product, method, path, query, form),
      async *list({ product, path, query }, key) {
        yield* (respond(product, "get", path, query)[key] ?? []) as Body[];
      },
      skewMs: () => 0,
      pause: async () => true,
    };
    const urn = "urn:pulumi:dev::p::t::n";
    const context: Context = {
      twilio,
      log: () => {},
      notes: noteStoreOf(),
      account: stackAccount("AC1"),
      urn,
      place: "",
      holderOf: () => undefined,
      isGivenUp: async () => false,
      recordDone: () => {},
      lock: (_key, _pause, task) => task(),
    };
    return { context, requests };
  }

  it("read the complete configuration of a service", async () => {
    const { context, requests } = specifiedTwilio();
    const outputs = await conversationService.complete?.({ sid: "IS1" }, context);
    const configuration = outputs?.configuration as Record<string, unknown>;
    expect(requests).toEqual(["get /v1/Services/IS1/Configuration"]);
    expect(Object.keys(configuration)).toHaveLength(3);
    expect(Object.values(configuration)).toEqual(Array(3).fill(expect.stringMatching(/^RL/)));
  });

  it("look up existing objects on published paths", async () => {
    const { context, requests } = specifiedTwilio();
    const lookupOf = (definition: Definition) => new Lookup(definition, objects(definition), runRegistry());
    await lookupOf(conversation).findByName("room", { service: "IS1" }, context);
    await lookupOf(conversation).findByName("room", {}, context);
    await lookupOf(conversationService).findByName("support", {}, context);
    await lookupOf(participant).findByName("ada", { conversation: "IS1/CH1" }, context);
    await lookupOf(participant).findOwn({ conversation: "IS1/CH1", address: "+15558675310" }, context, undefined);
    await lookupOf(phoneNumber).findByName("+15005550006", {}, context);
    await lookupOf(addressConfiguration).findByName("+15558675310", {}, context);
    const empty = specifiedTwilio((path) => {
      const [key = ""] = /(?<=\/)(conversations|roles|users)$/.exec(path.toLowerCase()) ?? [];
      if (path.endsWith("/Webhooks")) return { chat_service_sid: "IS1", pre_webhook_url: null, post_webhook_url: null };
      return key === "" ? undefined : { [key]: [] };
    });
    await conversationService.beforeDelete?.("IS1", { forceDestroy: false }, empty.context);
    expect(requests).toEqual([
      "get /v1/Services/IS1/Conversations/room",
      "get /v1/Conversations/room",
      "get /v1/Services",
      "get /v1/Services/IS1/Conversations/CH1/Participants/ada",
      "get /v1/Services/IS1/Conversations/CH1/Participants",
      "get /2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json",
      "get /v1/Configuration/Addresses/%2B15558675310",
    ]);
  });

  const allConditions = Object.fromEntries(
    Object.keys(phoneNumber.fields)
      .filter((property) => property.startsWith("search.") && property !== "search.type")
      .map((property) => [property.slice("search.".length), property === "search.country" ? "US" : "1"]),
  );

  it.each(["local", "mobile", "toll-free"])("search for a %s number with published parameters, and read the price", async (type) => {
    const offer = { phone_number: "+15005550006", iso_country: "US" };
    const { context, requests } = specifiedTwilio((path) => {
      if (path.includes("Available")) return { available_phone_numbers: [offer] };
      return path.includes("Incoming") ? { incoming_phone_numbers: [] } : undefined;
    });
    await phoneNumber.resolveInputs?.({ search: { ...allConditions, type }, __urn: "urn:pulumi:dev::p::t::n" }, {}, context);
    expect(requests).toContainEqual(expect.stringMatching(/^get .*\/AvailablePhoneNumbers\/US\/(Local|Mobile|TollFree)\.json$/));
    expect(requests).toContain("get /v1/PhoneNumbers/Countries/US");
  });

  it("offer all of Twilio's search parameters except those for paging", () => {
    const { query } = operation("api", "get", "/2010-04-01/Accounts/AC1/AvailablePhoneNumbers/US/Local.json") as { query: string[] };
    const own = Object.keys(allConditions).map((name) => name.charAt(0).toUpperCase() + name.slice(1));
    expect(query.filter((name) => !own.includes(name)).sort()).toEqual(["Page", "PageSize", "PageToken"]);
  });
});
