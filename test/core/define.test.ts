import type { Input } from "@pulumi/pulumi";
import { expect, it } from "vitest";
import type { CommonArgs } from "../../src/core/lifecycle/common-args";
import { define } from "../../src/core/lifecycle/define";

/** One argument of each kind. */
interface ThingArgs extends CommonArgs {
  parent: Input<string>;
  name?: Input<string>;
  flag?: Input<boolean>;
  count?: Input<number>;
  words?: Input<Input<string>[]>;
  data?: Input<Record<string, unknown>>;
  group?: Input<{ inner?: Input<boolean> }>;
}

interface ThingOutputs {
  sid: string;
  accountSid: string;
  url: string;
  color: string;
}

const rest = {
  type: "twilio/test:Thing",
  product: "conversations",
  sid: "TH",
  path: ([parent]: readonly string[]) => `/v1/Parents/${parent}/Things`,
} as const;

const fields = {
  parent: { parent: "Parent" },
  name: {},
  flag: { type: "boolean" },
  count: { type: "integer" },
  words: { type: "set" },
  data: { type: "json" },
  "group.inner": { type: "boolean" },
} as const;

it("adds what every resource has: adopt, onDelete and the URL that follows from the path", () => {
  const thing = define<ThingArgs, ThingOutputs>({ ...rest, fields, outputs: { color: "color" } });
  expect(thing.fields.adopt).toEqual({ local: "create" });
  expect(thing.fields.onDelete?.format?.("delete")).toBeUndefined();
  expect(thing.fields.onDelete?.format?.("release")).toContain('"delete", "retain"');
  const { url } = thing.outputs;
  expect(typeof url === "function" && url("PA1/TH2")).toBe("https://conversations.twilio.com/v1/Parents/PA1/Things/TH2");
});

it("rejects, when it is compiled, a field whose type does not fit the argument", () => {
  // @ts-expect-error: a boolean must say so.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: { ...fields, flag: {} } });
  // @ts-expect-error: a number must say so.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: { ...fields, count: {} } });
  // @ts-expect-error: a list must say whether its order matters.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: { ...fields, words: {} } });
  // @ts-expect-error: an object whose keys are the application's must say so.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: { ...fields, data: {} } });
  // @ts-expect-error: a boolean inside a group must say so too.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: { ...fields, "group.inner": {} } });
  // @ts-expect-error: a string is not a number.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: { ...fields, name: { type: "integer" } } });
});

it("rejects, when it is compiled, a forgotten, misspelled or extra property", () => {
  const { name: _name, ...forgotten } = fields;
  // @ts-expect-error: `name` is missing.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: forgotten });
  // @ts-expect-error: `nmae` is not an argument.
  define<ThingArgs, ThingOutputs>({ ...rest, fields: { ...fields, nmae: {} } });
  // @ts-expect-error: `colour` is not an output.
  define<ThingArgs, ThingOutputs>({ ...rest, fields, outputs: { colour: "color" } });
});

it("gives functions the resolved type of the arguments", () => {
  define<ThingArgs, ThingOutputs>({
    ...rest,
    fields,
    validate(news) {
      const flag: boolean | undefined = news.flag;
      const words: string[] | undefined = news.words;
      const inner: boolean | undefined = news.group?.inner;
      // @ts-expect-error: a number is not a string.
      const count: string | undefined = news.count;
      // @ts-expect-error: `colour` is not an argument.
      return [flag, words, inner, count, news.colour] && [];
    },
  });
});
