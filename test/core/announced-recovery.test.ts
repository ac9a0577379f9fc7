import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { Body } from "../../src/core/twilio/twilio";
import { account, fake, service } from "../support/fake-twilio";

const room = `CH${"6".repeat(32)}`;
const urnOf = (definition: Definition) => `urn:pulumi:dev::shop::pulumi-nodejs:${definition.type}::desk`;

describe("the preview after a create that the engine did not finish names the object that is used", () => {
  it.each<[string, Definition, string, Props]>([
    ["by its name", conversation, room, { service, uniqueName: "desk" }],
    ["by its note alone", conversationService, service, { friendlyName: "Support" }],
  ])("%s", async (_what, definition, sid, inputs) => {
    let made: Body | undefined;
    const { of, log, asked } = fake(({ method, path, form }) => {
      if (method === "post") {
        made = { sid, account_sid: account, chat_service_sid: service, date_created: new Date().toISOString() };
        Object.assign(made, { friendly_name: form?.FriendlyName ?? null, unique_name: form?.UniqueName ?? null });
        return made;
      }
      if (path.endsWith("/Conversations/desk") || path.endsWith(sid)) return made;
      return { services: made && definition === conversationService ? [made] : [] };
    });
    const preview = { ...inputs, __urn: urnOf(definition), __run: { isPreview: true } };
    const said = () => log.filter((line) => line.includes(sid));

    await of(definition).check({}, preview);
    expect(said()).toEqual([]);
    // The engine never ends this process, so the note of the create stays.
    await of(definition).create({ ...inputs, __urn: urnOf(definition) });
    log.length = 0;
    asked.length = 0;
    await of(definition).check({}, preview);
    expect(said()).toEqual([expect.stringMatching(/^info: .* which an interrupted run created, is used; nothing is created\.$/)]);
    expect(asked.filter((request) => request.startsWith("post"))).toEqual([]);
  });
});
