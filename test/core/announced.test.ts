import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationMessage } from "../../src/conversations/conversation-message";
import { conversationService } from "../../src/conversations/service";
import { phoneNumber } from "../../src/numbers/phone-number";
import { Crash } from "../support/mini-engine";
import { oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

describe("a preview says", () => {
  it("that a declared number, which an earlier destroy has kept, will be found by its mark", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const declared = program({ phoneNumber: "«forSale»" });
    await engine.up(declared);
    const { id } = engine.of("it");
    await engine.destroy();
    twilio.log.length = 0;
    expect(await engine.preview(declared)).toEqual({ it: "create" });
    const announced = twilio.log.filter((line) => line.includes(`${id} carries the mark of this resource`));
    expect(announced).toEqual([expect.stringContaining(`declare adopt: "${id}" and onDelete: "release".`)]);
  });

  it("that a searched number, which an earlier destroy has kept, is used again, where the backend is a part of the mark", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    engine.place = "abcdef0123456789";
    const declared = program({ areaCode: "415" });
    await engine.up(declared);
    const { id } = engine.of("it");
    await engine.destroy();
    twilio.notes.clear();
    twilio.log.length = 0;
    await engine.preview(declared);
    expect(twilio.log.join("\n")).toContain(`(${id}) carries the mark of this resource and is used again; nothing is bought.`);
  });

  it("that a searched number, whose state an interrupted run lost, is used again and belongs to the stack", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const declared = program({ areaCode: "415" });
    const killed = await engine.up(declared, { crashAfterCreating: "it" }).catch((error: Error) => error);
    expect(killed).toBeInstanceOf(Crash);
    twilio.log.length = 0;
    expect(await engine.preview(declared)).toEqual({ it: "create" });
    const said = twilio.log.join("\n");
    expect(said).toMatch(
      /^\+1415\d{7} \(PN\w+\) was bought for this resource by an interrupted run and is used again; nothing is bought\.$/m,
    );
    expect(said).not.toContain("treated as adopted");
  });

  it("nothing of what no name or place identifies, and asks nothing about it", async () => {
    const { engine, fixture } = await oneResource(twilio, conversation);
    const [service] = fixture.conversation.split("/");
    twilio.requests();
    await engine.preview([
      { name: "service", definition: conversationService, args: { friendlyName: "Support" } },
      { name: "named", definition: conversation, args: { service, uniqueName: "lobby" } },
      { name: "welcome", definition: conversationMessage, args: { conversation: fixture.conversation, body: "Welcome!" } },
    ]);
    expect(twilio.requests().map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it("nothing of a number that is to be bought", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    await engine.preview(program({ phoneNumber: "«forSale»" }));
    expect(twilio.log.join("\n")).not.toContain("carries the mark");
  });

  it("that the ownership mark follows the stack's new name, which the engine does not show among the properties", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const declared = program({ phoneNumber: "«forSale»" });
    await engine.up(declared);
    engine.stack = "production";
    twilio.log.length = 0;
    expect(await engine.preview(declared)).toEqual({ it: "update" });
    const announced = twilio.log.filter((line) => line.includes("friendlyName"));
    expect(announced).toEqual([expect.stringMatching(/^PhoneNumber PN.*: friendlyName changes to "pulumi laws\/production\/it"/)]);
    twilio.requests();
    await engine.up(declared);
    const [update] = twilio.requests().filter(({ method }) => method === "post");
    expect(update?.form.toString()).toBe("FriendlyName=pulumi+laws%2Fproduction%2Fit");
  });

  it("nothing of the mark where it stays, and nothing of a name that the program declares", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const declared = program({ phoneNumber: "«forSale»", friendlyName: "Desk" });
    await engine.up(declared);
    engine.stack = "production";
    twilio.log.length = 0;
    await engine.preview(declared);
    await engine.preview(program({ phoneNumber: "«forSale»", friendlyName: "Front desk" }));
    expect(twilio.log.filter((line) => line.includes("friendlyName"))).toEqual([]);
  });

  it("that a changed search does nothing, once, and nothing of an unchanged one", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    await engine.up(program({ search: { country: "US", areaCode: "415" } }));
    const told = async (args: object) => {
      twilio.log.length = 0;
      expect(await engine.preview(program({ ...args }))).toEqual({ it: "same" });
      return twilio.log.filter((line) => line.includes("matters at"));
    };
    expect(await told({ search: { country: "US", areaCode: "415" } })).toEqual([]);
    const changed = { search: { country: "US", areaCode: "212" } };
    expect(await told(changed)).toEqual(["search matters at purchase only; its change does nothing."]);
    expect(await told({ areaCode: "212" })).toEqual(["areaCode matters at purchase only; its change does nothing."]);
    await engine.up(program(changed));
    expect(await told(changed)).toEqual([]);
  });

  it("that a number which is replaced stays, why, and what it still costs; nothing of one that is released", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const kept = async () => {
      twilio.log.length = 0;
      expect(await engine.preview(program({ phoneNumber: "«forSale2»" }))).toEqual({ it: "replace" });
      return twilio.log.filter((line) => line.includes("stays at Twilio"));
    };
    await engine.up(program({ phoneNumber: "«forSale»" }));
    const number = engine.of("it").outputs.phoneNumber;
    expect(await kept()).toEqual([
      `PhoneNumber ${number} stays at Twilio after its replacement: onDelete: "retain", the default. It still costs 1.15 USD a month.`,
    ]);
    await twilio.control("POST", "faults", { method: "GET", path: "/v1/PhoneNumbers/*", status: 403 });
    expect((await kept())[0]).toMatch(/the default\. The account goes on paying for it\.$/);
    await twilio.control("DELETE", "faults");
    await engine.up(program({ phoneNumber: "«forSale»", onDelete: "release" }));
    expect(await kept()).toEqual([]);
  });

  it("that another conversation is created and the retained one stays, without a price", async () => {
    const { engine, program } = await oneResource(twilio, conversation);
    await engine.up(program({ service: "«service»", onDelete: "retain" }));
    const { id } = engine.of("it");
    twilio.log.length = 0;
    await engine.preview(program({ service: "«otherService»", onDelete: "retain" }));
    expect(twilio.log.filter((line) => line.includes("stays"))).toEqual([
      `Conversation ${id} stays at Twilio after its replacement: onDelete: "retain".`,
    ]);
  });

  it("that the account has the number of a resource which may have moved into a component", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const declared = program({ areaCode: "415" });
    await engine.up(declared);
    const number = engine.of("it").outputs.phoneNumber;
    // The engine takes a resource of another parent for another resource, which it creates.
    const warnings = async (component?: string) => {
      twilio.log.length = 0;
      await twilio.engine().preview(declared.map((one) => ({ ...one, ...(component === undefined ? {} : { component }) })));
      return twilio.log.filter((line) => line.includes("aliases"));
    };
    expect(await warnings("shop:Branch")).toEqual([
      expect.stringMatching(
        new RegExp(
          `^\\${number} \\(PN.*\\) carries the mark of it outside of a component.*rootStackResource.*the account goes on paying for both\\.$`,
        ),
      ),
    ]);
    expect(await warnings()).toEqual([]);
    await engine.destroy();
    await twilio.reset();
    expect(await warnings("shop:Branch")).toEqual([]);
  });
});
