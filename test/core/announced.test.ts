import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { phoneNumber } from "../../src/numbers/phone-number";
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
    expect(twilio.log.filter((line) => line.includes(`${id} carries the mark of this resource`))).toHaveLength(1);
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
});
