import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { fieldOf, inspect } from "../../src/core/registration/inspect";

it("the secrets of a program are found wherever they are, with their texts, and nothing beside them", async () => {
  const attributes = { open: "plain", deep: [pulumi.secret("first"), { code: pulumi.secret(4711), on: pulumi.secret(true) }] };
  const found = await inspect(fieldOf(conversation), {
    friendlyName: pulumi.output("Lobby"),
    uniqueName: pulumi.secret("second"),
    attributes,
    timers: pulumi.secret({ inactive: "PT1H" }),
  });
  expect([...found.secrets].sort()).toEqual(["attributes", "timers", "uniqueName"].map((name) => expect.stringMatching(`^${name}`)));
  expect([...found.secretTexts].sort()).toEqual(["4711", "PT1H", "first", "second"]);
  expect(found.notJson).toEqual([]);
});

it("a program without secrets has no such texts", async () => {
  const { secrets, secretTexts } = await inspect(fieldOf(conversation), {
    friendlyName: pulumi.output("Lobby"),
    attributes: { a: pulumi.output(1) },
  });
  expect([[...secrets], secretTexts]).toEqual([[], []]);
});
