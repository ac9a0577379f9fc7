import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noteKeyOf } from "../../src/core/lifecycle/pending-create";
import type { Props } from "../../src/core/lifecycle/props";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Candidate } from "../../src/numbers/own-numbers";
import { candidateKey } from "../../src/numbers/own-numbers";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, fake } from "../support/fake-twilio";
import type { Declared } from "../support/mini-engine";
import { Crash } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

describe("a purchase that Twilio completes after the client timed out", () => {
  it("is waited for, and no other number is bought while Twilio refuses to sell this one", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber, { "twilio:callTimeout": "1" });
    const path = "*/IncomingPhoneNumbers.json";
    // Twilio processes the first request and sells the number to nobody else meanwhile.
    await twilio.control("POST", "faults", { method: "POST", path, delayMs: 3500, times: 1 });
    await twilio.control("POST", "faults", { method: "POST", path, nth: 2, times: 1, status: 400, code: 21422 });
    await engine.up(program({ areaCode: "415" }));
    expect(twilio.log.join()).toContain("may still carry out an earlier create of this PhoneNumber");
    expect(await created()).toEqual([engine.of("it").id]);
    await expectSettled(twilio, engine, program({ areaCode: "415" }));
  });
});

describe("two concurrent runs of one program, each with its own backend and notes", () => {
  it.each([{ areaCode: "415" }, { search: { country: "US", areaCode: "415" } }])("buy one number and share it (%j)", async (way) => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    const other = twilio.engine({}, new Map());
    await Promise.all([engine.up(program(way)), other.up(program(way))]);
    expect(await created()).toEqual([engine.of("it").id]);
    expect(other.of("it").id).toBe(engine.of("it").id);
  });

  it("buy one number with a friendly name: a run that finds it fails instead of buying a second", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    const other = twilio.engine({}, new Map());
    const named = program({ areaCode: "415", friendlyName: "Front desk" });
    const ended = await Promise.allSettled([engine.up(named), other.up(named)]);
    expect(await created()).toHaveLength(1);
    for (const end of ended) if (end.status === "rejected") expect(String(end.reason)).toContain("must not be the name of another number");
    expect(ended.some(({ status }) => status === "fulfilled")).toBe(true);
  });
});

describe("a number that still carries the ownership mark of its resource's former name", () => {
  it("is not taken over by a new resource with that name", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await engine.up(program({ areaCode: "415" }));
    const number = engine.of("it").outputs.phoneNumber;
    const later = twilio.engine();
    const moved: Declared[] = [{ name: "main-line", definition: phoneNumber, args: { adopt: number } }];
    await later.up(moved);
    await later.up([...moved, ...program({ areaCode: "415" })]);
    expect(later.of("it").outputs.phoneNumber).not.toBe(number);
    expect(await created()).toHaveLength(2);
  });
});

describe("a number found by search and given a friendly name", () => {
  const wanted: Props = { areaCode: "415", friendlyName: "Front desk" };

  it("is recovered through the note of its purchase when the run was killed before it saved the state", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await expect(engine.up(program(wanted), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await engine.up(program({ ...wanted, onDelete: "release" }));
    expect(await created()).toEqual([engine.of("it").id]);
    await engine.destroy();
    expect(await created()).toEqual([]);
  });

  it("is not taken on the note of a purchase that was finished: the error names it", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await engine.up(program(wanted));
    await expect(twilio.engine().up(program(wanted))).rejects.toThrow(/with this name, and nothing was bought/);
    expect(await created()).toEqual([engine.of("it").id]);
  });

  it("is not bought a second time when the notes are lost too: the error names it", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await engine.up(program(wanted));
    twilio.notes.clear();
    const { id, outputs } = engine.of("it");
    twilio.requests();
    const again = twilio.engine();
    await expect(again.preview(program(wanted))).rejects.toThrow(
      `the account has ${outputs.phoneNumber} (${id}) with this name, and nothing was bought`,
    );
    expect(twilio.writes()).toEqual([]);
    await again.up(program({ adopt: outputs.phoneNumber, friendlyName: "Front desk" }));
    expect(await created()).toEqual([id]);
  });

  it("may share its name with other numbers of the program", async () => {
    const { engine, created } = await oneResource(twilio, phoneNumber);
    const several = (...names: string[]): Declared[] => names.map((name) => ({ name, definition: phoneNumber, args: wanted }));
    await engine.up(several("one", "two"));
    await engine.up(several("one", "two", "three"));
    twilio.notes.clear();
    await engine.up(several("one", "two", "three", "four"));
    expect(await created()).toHaveLength(4);
  });
});

describe("several numbers with the same search", () => {
  it("get one number each, which their previews showed", async () => {
    const { engine, created } = await oneResource(twilio, phoneNumber);
    const program: Declared[] = ["one", "two", "three"].map((name) => ({ name, definition: phoneNumber, args: { areaCode: "415" } }));
    await engine.up(program);
    expect(await created()).toHaveLength(3);
    const bought = program.map(({ name }) => engine.of(name).outputs.phoneNumber);
    expect(new Set(bought).size).toBe(3);
    for (const number of bought) expect(twilio.log.filter((line) => line.startsWith(`will buy ${number} `)).length).toBeGreaterThan(0);
    await expectSettled(twilio, engine, program);
  });
});

describe("a number that a preview has shown", () => {
  const declared = (name: string): Declared => ({ name, definition: phoneNumber, args: { areaCode: "415" } });

  it("may go to a new resource that is declared before; the first one then buys another", async () => {
    const { engine, created } = await oneResource(twilio, phoneNumber);
    await engine.preview([declared("one")]);
    await engine.up([declared("two"), declared("one")]);
    expect(await created()).toHaveLength(2);
    expect(new Set([engine.of("one").id, engine.of("two").id])).toEqual(new Set(await created()));
  });
});

describe("a purchase that Twilio refuses because the number is taken", () => {
  const path = "*/IncomingPhoneNumbers.json";
  const refuse = (times: number) => twilio.control("POST", "faults", { method: "POST", path, times, status: 400, code: 21422 });

  it("is tried with five more offers", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await refuse(5);
    await engine.up(program({ areaCode: "415" }));
    expect(await created()).toEqual([engine.of("it").id]);
    expect(twilio.log.join()).toContain(`${engine.of("it").outputs.phoneNumber} was bought instead`);
  });

  it("fails after the sixth, and nothing is bought", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    await refuse(7);
    await expect(engine.up(program({ areaCode: "415" }))).rejects.toThrow("21422");
    expect(twilio.writes()).toHaveLength(6);
    expect(await created()).toEqual([]);
  });

  it("is replaced by different offers where two are refused together: no resource asks for the other's", async () => {
    const offers = ["+14155550101", "+14155550102", "+14155550103", "+14155550104"];
    const tried: string[] = [];
    let searches = 0;
    const { of } = fake(({ method, path: asked, form = {} }) => {
      if (asked.includes("/AvailablePhoneNumbers/")) {
        searches += 1;
        return { available_phone_numbers: offers.map((phone_number) => ({ phone_number, iso_country: "US" })) };
      }
      const number = String(form.PhoneNumber);
      if (method !== "post") return { incoming_phone_numbers: [] };
      tried.push(number);
      if (tried.length <= 2) throw new TwilioError("Cannot create PhoneNumber", { status: 400, code: 21422, message: "taken" });
      const sid = `PN${number.slice(1)}`;
      return { sid, account_sid: account, phone_number: number, friendly_name: form.FriendlyName, date_created: new Date().toUTCString() };
    });
    const cycle = of(phoneNumber);
    const wanted = ["one", "two"].map((name) => ({ areaCode: "415", __urn: `urn:pulumi:dev::laws::t::${name}` }));
    const checked: Props[] = [];
    for (const news of wanted) checked.push({ ...(await cycle.check({}, news)).inputs, __urn: news.__urn });
    searches = 0;
    const bought = await Promise.all(checked.map((inputs) => cycle.create(inputs)));
    expect(new Set(tried)).toEqual(new Set(offers));
    expect(bought.map(({ outputs }) => outputs.phoneNumber).sort()).toEqual(tried.slice(2).sort());
    expect(searches).toBe(2);
  });
});

describe("a note of an unfinished purchase", () => {
  it("does not claim a number of another name, although somebody bought it in the same minute", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    const wanted = program({ phoneNumber: "«forSale»", friendlyName: "Front desk" });
    const [only] = wanted as [Declared];
    const { phoneNumber: number } = only.args as { phoneNumber: string };
    const urn = `urn:pulumi:dev::laws::pulumi-nodejs:${phoneNumber.type}::it`;
    twilio.notes.set(noteKeyOf(phoneNumber, {}, urn) as string, JSON.stringify({ at: new Date().toISOString() }));
    const form = { PhoneNumber: number, FriendlyName: "Front desk" };
    const theirs = await twilio.rest("POST", "api", `${twilio.accountPath()}/IncomingPhoneNumbers.json`, form);
    await expect(engine.up(wanted)).rejects.toThrow(`${number} already belongs to this account (${theirs.sid})`);
    expect(await twilio.read(phoneNumber.type, String(theirs.sid))).toEqual(theirs);
  });
});

describe("a purchase of another run, while this one searches", () => {
  it("stays noted: this run's offer does not overwrite it", async () => {
    const urn = "urn:pulumi:dev::laws::t::it";
    const bought: Candidate = { conditions: "415", number: "+14155550101", sid: "PN1", urn };
    const { of, context } = fake(({ path }) => {
      if (!path.includes("/AvailablePhoneNumbers/")) return { incoming_phone_numbers: [], phone_number_prices: [] };
      context.notes.write(candidateKey(urn), bought);
      return { available_phone_numbers: [{ phone_number: "+14155550102", iso_country: "US" }] };
    });
    const { inputs } = await of(phoneNumber).check({}, { areaCode: "415", __urn: urn });
    expect(inputs.phoneNumber).toBe("+14155550102");
    expect(context.notes.read(candidateKey(urn))).toEqual(bought);
  });
});
