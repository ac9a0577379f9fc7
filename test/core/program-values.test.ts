import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { Conversation, PhoneNumber } from "../../src/index";
import { fresh, inputsOf, refusal, registered, run, settled } from "../support/mock-run";

beforeEach(() => run());

describe("a resource with secrets", () => {
  it("registers the names of the properties that are secret, down to a member of a group, and no name otherwise", async () => {
    const plainOutput = pulumi.output("plain");
    await settled(
      new Conversation("secrets", {
        uniqueName: pulumi.secret(fresh("name")),
        friendlyName: plainOutput,
        attributes: { open: 1, list: [{ key: pulumi.secret("x") }] },
        timers: { inactive: "PT1H", closed: pulumi.secret("P1D") },
      }),
      new PhoneNumber("whole", { search: pulumi.secret({ country: "US" }) }),
      new Conversation("additional", {}, { additionalSecretOutputs: ["chatServiceSid"] }),
      new Conversation("nothing", { friendlyName: plainOutput }),
    );
    expect(inputsOf("secrets").__secrets).toEqual(["attributes", "timers.closed", "uniqueName"]);
    expect(inputsOf("whole").__secrets).toEqual(["search"]);
    expect(inputsOf("additional").__secrets).toEqual(["chatServiceSid"]);
    expect(Object.keys(inputsOf("nothing")).sort()).toEqual(["__provider", "__run", "__urn", "friendlyName", "uniqueName"]);
  });
});

describe("a value that JSON cannot hold", () => {
  class Point {
    x = 1;
  }
  const cyclic: Record<string, unknown> = {};
  cyclic.self = { cyclic };
  const values: Record<string, readonly [value: unknown, path: string, what: string]> = {
    date: [new Date(0), "", "a Date"],
    map: [new Map([["a", 1]]), "", "a Map"],
    set: [new Set([1]), "", "a Set"],
    "not a number": [Number.NaN, "", "NaN"],
    infinity: [[1, Number.NEGATIVE_INFINITY], "[1]", "-Infinity"],
    bigint: [10n, "", "a BigInt"],
    "an object that contains itself": [cyclic, ".self.cyclic", "an object that contains itself"],
    symbol: [Symbol("x"), "", "a symbol"],
    function: [() => 1, "", "a function"],
    "class instance": [{ deep: [new Point()] }, ".deep[0]", "a Point"],
    "undefined in a list": [[1, undefined], "[1]", "undefined in a list"],
    "a hole in a list": [new Array(2).fill(1, 0, 1), "[1]", "undefined in a list"],
    "half of a surrogate pair": [{ "a b": "\ud83d" }, '["a b"]', "a string with half of a surrogate pair"],
  };

  it.each(Object.entries(values))("is refused with its path in attributes: %s", async (_what, [value, path, what]) => {
    const message = await refusal(new Conversation(fresh("room"), { attributes: { when: value } }));
    expect(message).toContain(`attributes.when${path} must be JSON: ${what} is not; `);
    expect(registered).toEqual([]);
  });

  it.each(["date", "not a number", "bigint", "infinity"])("is refused with its path where an output has it: %s", async (name) => {
    const [value, path, what] = values[name] as (typeof values)[string];
    const expected = `attributes.when${path} must be JSON: ${what} is not; `;
    const inside = new Conversation(fresh("room"), { attributes: { when: pulumi.output(0).apply(() => value) } });
    expect(await refusal(inside)).toContain(expected);
    const whole = new Conversation(fresh("room"), { attributes: pulumi.output(0).apply(() => ({ when: value })) });
    expect(await refusal(whole)).toContain(expected);
    expect(registered).toEqual([]);
  });

  it("is refused in any other property, together with the resource's other problems", async () => {
    const wrong = { friendlyName: new Date(0) as never, uniqueName: 7n as never, state: "x" as never };
    const message = await refusal(new Conversation(fresh("room"), wrong));
    expect(message).toContain("friendlyName must not be a Date; write it as a string, like date.toISOString()");
    expect(message).toContain("uniqueName must not be a BigInt");
    expect(message).toContain('state must be one of "active", "inactive", "closed"; received "x"');
  });

  it("is nothing else: JSON, members that are undefined, and objects that occur twice are accepted", async () => {
    const shared = { a: [1, null, "ü😀"] };
    const attributes = { one: shared, two: shared, none: undefined, created: Object.assign(Object.create(null), { b: true }) };
    await settled(new Conversation("json", { attributes }));
    expect(inputsOf("json").attributes).toEqual({ one: shared, two: shared, created: { b: true } });
  });
});

describe("the default unique name", () => {
  const nameOf = async (name: string) => {
    await settled(new Conversation(name));
    return String(inputsOf(name).uniqueName);
  };

  it("contains a resource name of up to 248 characters as it is", async () => {
    for (const name of ["r".repeat(248), "😀".repeat(248)]) expect((await nameOf(name)).replace(/~[0-9a-f]{7}$/, "")).toBe(name);
  });

  it("contains the beginning of a longer name, is 256 characters long, and differs for names that differ in the end only", async () => {
    const [a, b] = [await nameOf(`${"r".repeat(249)}a`), await nameOf(`${"r".repeat(249)}b`)];
    expect([...a]).toHaveLength(256);
    expect(a).toMatch(/^r{248}~[0-9a-f]{7}$/);
    expect(a).not.toBe(b);
  });
});
