import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { resultOf } from "../../src/core/look-ups/result";
import { apiKey } from "../../src/iam/api-key";
import * as api from "../../src/index";
import { type Args, call, lookUpTests, sidOf } from "../support/look-ups";
import { hex, value } from "../support/mock-run";
import { kinds } from "./look-up-kinds";

const tests = lookUpTests();

describe("every kind of the catalog", () => {
  it("has a look-up and the same for outputs, or a reason why not", () => {
    expect(Object.keys(kinds).sort()).toEqual(catalog.map(resourceName).sort());
    for (const [name, kind] of Object.entries(kinds)) {
      const functions = [`get${name}`, `get${name}Output`].map((one) => typeof (api as unknown as Args)[one]);
      expect(functions, name).toEqual(typeof kind === "string" ? ["undefined", "undefined"] : ["function", "function"]);
    }
  });

  for (const [name, kind] of Object.entries(kinds)) {
    if (typeof kind === "string") continue;
    it(`${name} is found in each way, with what \`get\` would show`, async () => {
      const id = await kind.create(tests.fixture, tests);
      const sid = sidOf(id);
      for (const args of kind.ways(id, tests.fixture)) {
        const found = (await call(`get${name}`, args)) as Args;
        expect(found).toMatchObject({ id, sid, accountSid: tests.twilio.emulator.accountSid, ...kind.expected });
        const output = await value(
          call(
            `get${name}Output`,
            Object.fromEntries(Object.entries(args).map(([key, one]) => [key, pulumi.output(one)])),
          ) as pulumi.Output<Args>,
        );
        expect(output).toEqual(found);
        expect(Object.keys(found).filter((key) => key.startsWith("__"))).toEqual([]);
      }
    });
  }
});

it("no result has a secret output, also where Twilio returns it", () => {
  const sid = `SK${hex("1")}`;
  const account = `AC${hex("1")}`;
  const body = { sid, account_sid: account, friendly_name: "ci", secret: "c4nary" };
  expect(resultOf(apiKey, sid, body, account)).toEqual({
    id: sid,
    sid,
    accountSid: account,
    friendlyName: "ci",
    url: `https://iam.twilio.com/v1/Keys/${sid}`,
  });
});
