import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { pushCredential } from "../../src/conversations/push-credential";
import type { Props } from "../../src/core/lifecycle/props";
import { withSecretInputs } from "../../src/core/registration/secret-inputs";

/** A value in which `{ secret: … }` stands for each Pulumi secret. */
async function shown(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) {
    const { isSecret, promise } = value as unknown as { isSecret: Promise<boolean>; promise(): Promise<unknown> };
    return (await isSecret) ? { secret: await promise() } : promise();
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, entry]) => [key, await shown(entry)])));
}

it.each<[string, Props, unknown]>([
  [
    "of a plain value are made secret, and nothing beside them",
    { friendlyName: "iOS", apn: { certificate: "c", privateKey: "k", sandbox: true } },
    { friendlyName: "iOS", apn: { certificate: { secret: "c" }, privateKey: { secret: "k" }, sandbox: true } },
  ],
  ["of an output stay outputs", { fcm: { secret: pulumi.output("s") } }, { fcm: { secret: { secret: "s" } } }],
  [
    "of a group that is known only later make the group secret",
    { fcm: pulumi.output({ secret: "s" }) },
    { fcm: { secret: { secret: "s" } } },
  ],
  [
    "that are not declared stay absent",
    { friendlyName: "iOS", fcm: undefined, apn: null },
    { friendlyName: "iOS", fcm: undefined, apn: null },
  ],
  ["of a group without them stay absent", { apn: { sandbox: true } }, { apn: { sandbox: true } }],
  ["are left alone in a value that is no group, which the check refuses", { fcm: "s" }, { fcm: "s" }],
])("the secrets %s", async (_what, args, expected) => {
  expect(await shown(withSecretInputs(pushCredential, args))).toEqual(expected);
});
