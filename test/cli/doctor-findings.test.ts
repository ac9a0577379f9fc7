import { describe, expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { checkpoints } from "../../src/cli/commands/doctor/checkpoints";
import { configuration } from "../../src/cli/commands/doctor/configuration";
import { fail, ok } from "../../src/cli/commands/doctor/finding";
import { accountOf, broken, credentialsFor, pending } from "../../src/cli/commands/doctor/stack";
import { account, clock, numbers, region } from "../../src/cli/commands/doctor/twilio";
import { resourceName } from "../../src/core/lifecycle/check";
import type { Connection } from "../../src/core/twilio/connection";

describe("the findings of twilio-conversations doctor", () => {
  it("finds misspelt keys and values that the provider does not accept", () => {
    expect(configuration({ "twilio:backend": "emulator", "app:color": "red" })).toEqual(ok("twilio:backend"));
    expect(configuration({ "twilio:acountSid": "x" })).toMatchObject({
      verdict: "warn",
      detail: "the provider does not read twilio:acountSid (did you mean twilio:accountSid?)",
      fix: expect.stringMatching(/^pulumi config rm twilio:acountSid; pulumi config set twilio:accountSid …/),
    });
    expect(configuration({ "twillio:backend": "emulator" })).toMatchObject({ detail: expect.stringContaining("mean twilio:backend?") });
    expect(configuration({ "twilio:zzzzzzzzz": "x" })).toMatchObject({
      verdict: "warn",
      detail: "the provider does not read twilio:zzzzzzzzz",
    });
    // The keys of other providers and of programs.
    expect(configuration({ "tailscale:apiKey": "x", "twitter:whatever": "x" }).verdict).toBe("ok");
    expect(configuration({ "twilio:backend": "emulater", "twilio:callTimeout": "soon" })).toMatchObject({
      verdict: "fail",
      detail: expect.stringMatching(/^twilio:backend must be .*"emulater"; twilio:callTimeout must be .*"soon"$/),
    });
  });

  it("mentions what saving the state costs, for many resources in a backend that writes all of it", () => {
    const stackOf = (count: number) => ({ resources: Array.from({ length: count }, (_, n) => ({ urn: `urn:${n}`, type: "t:x:Y" })) });
    const loginAt = (url: string) => ({ code: 0, stdout: JSON.stringify({ user: "me", url }), stderr: "" });
    const folder = loginAt("file:///states");
    expect(checkpoints(stackOf(101), folder)).toMatchObject({
      verdict: "ok",
      detail: expect.stringMatching(/^the stack has 101 .*whole state/),
    });
    expect(checkpoints(stackOf(101), loginAt("s3://states"))).toMatchObject({ detail: expect.stringContaining("whole state") });
    expect(checkpoints(stackOf(101), loginAt("https://api.pulumi.com"))).toMatchObject({ detail: expect.stringContaining("each step") });
    expect(checkpoints(stackOf(100), folder)).toEqual(ok("the stack has 100 resources"));
    expect(checkpoints(undefined, folder).verdict).toBe("skipped");
  });

  it("finds a state whose resources refer to missing ones", () => {
    const stack = { urn: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", type: "pulumi:pulumi:Stack" };
    const child = { urn: "urn:pulumi:dev::p::t:x:Y::child", type: "t:x:Y", parent: stack.urn };
    expect(broken({ resources: [stack, child] })).toBeUndefined();
    expect(broken({ resources: [{ ...stack, parent: "" }, child] })).toBeUndefined();
    for (const resources of [[child], [child, stack], [stack, { ...child, dependencies: ["urn:pulumi:dev::p::t:x:Y::other"] }]])
      expect(broken({ resources })).toMatchObject({ verdict: "fail", fix: expect.stringContaining("pulumi state repair") });
  });

  it("checks accounts, numbers, clocks and regions", () => {
    const connection = { accountSid: `AC${"1".repeat(32)}` } as Connection;
    const full = { type: "Full", status: "active", friendlyName: "Ours" };
    const trial = { ...full, type: "Trial" };
    expect(account(connection, full).verdict).toBe("ok");
    expect(account(connection, trial).verdict).toBe("warn");
    expect(account(connection, { ...full, status: "suspended" }).verdict).toBe("fail");
    expect([numbers(0, trial), numbers(1, trial), numbers(1, full)].map(({ verdict }) => verdict)).toEqual(["ok", "warn", "ok"]);
    expect([0, 5_000, -5_000, 6_000, -60_000, 61_000, -61_000].map((ms) => clock(ms).verdict)).toEqual([
      "ok",
      "ok",
      "ok",
      "warn",
      "warn",
      "fail",
      "fail",
    ]);
    expect(clock(-61_000).detail).toContain("61 s ahead of");
    expect(
      [{}, { region: "us1" }, { region: "ie1" }, { region: "moon1" }].map((where) => region({ ...connection, ...where }).verdict),
    ).toEqual(["ok", "ok", "warn", "fail"]);
  });

  // Twilio manages keys and accounts for the auth token alone, and answers a standard API key as if its secret were wrong.
  it.each(catalog.map((definition) => [resourceName(definition), definition] as const))(
    "warns where a standard API key cannot manage %s of the stack, and only there",
    (kind, { type, product, path }) => {
      const resource = (provider: string) => ({
        urn: `urn:pulumi:dev::p::pulumi-nodejs:${type}::it`,
        type: `pulumi-nodejs:${type}`,
        provider: `urn:pulumi:dev::p::pulumi:providers:pulumi-nodejs::${provider}::id`,
      });
      const found = (username: string, isMain = false, provider = "default") =>
        credentialsFor({ resources: [resource(provider)] }, username, "the environment", isMain);
      const [key, works] = [`SK${"1".repeat(32)}`, ok(`SK${"1".repeat(32)} of the environment`)];
      if (product === "iam" || path([], "AC") === "/2010-04-01/Accounts")
        expect(found(key)).toMatchObject({
          verdict: "warn",
          detail: expect.stringContaining(`a standard API key does not manage ${kind} it`),
          fix: expect.stringMatching(/^run pulumi with the account's auth token/),
        });
      else expect(found(key)).toEqual(works);
      expect(found(key, true)).toEqual(works);
      expect(found(key, false, "other")).toEqual(works);
      expect(found(`AC${"1".repeat(32)}`).verdict).toBe("ok");
      expect(credentialsFor(undefined, key, "the environment", false)).toEqual(works);
    },
  );

  it("detects a stack of another account, except for resources with their own provider, and what an interrupted run left", () => {
    const [ours, theirs] = [`AC${"1".repeat(32)}`, `AC${"2".repeat(32)}`];
    const resource = (accountSid: string, provider = "default") => ({
      urn: "urn:pulumi:dev::p::pulumi-nodejs:twilio/conversations:Conversation::hello",
      type: "pulumi-nodejs:twilio/conversations:Conversation",
      provider: `urn:pulumi:dev::p::pulumi:providers:pulumi-nodejs::${provider}::id`,
      outputs: { accountSid },
    });
    expect(accountOf({ resources: [resource(ours)] }, ours).verdict).toBe("ok");
    expect(accountOf({}, ours).verdict).toBe("ok");
    expect(accountOf({ resources: [resource(ours), resource(theirs)] }, ours)).toEqual(
      fail(
        `hello belongs to account ${theirs}, but the credentials are for account ${ours}`,
        "use the stack's account, or another stack for the other account",
      ),
    );
    expect(accountOf({ resources: [resource(theirs, "other")] }, ours).verdict).toBe("ok");
    expect(pending({ resources: [] }, undefined).verdict).toBe("ok");
    const left = { type: "creating", resource: { urn: "urn:pulumi:dev::p::t::hello" } };
    expect(pending({ pending_operations: [left] }, undefined)).toMatchObject({
      verdict: "warn",
      detail: expect.stringContaining("creating hello"),
    });
    expect(pending({ pending_operations: [left, { ...left, type: "deleting" }] }, undefined)).toMatchObject({
      verdict: "warn",
      fix: expect.stringMatching(/^run pulumi refresh .*then pulumi up$/),
    });
    expect(pending(undefined, "there is no Pulumi.yaml").verdict).toBe("skipped");
  });
});
