import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connect, describeConnection, projectFolder } from "../../src/core/twilio/connection";
import {
  AC,
  canary,
  environment,
  environmentOf,
  OTHER,
  open,
  profiles,
  refusal,
  SK,
  type Sources,
  stack,
} from "../support/connection-sources";

describe("the source of credentials", () => {
  it.each<[string, Sources, object]>([
    [
      "is the stack configuration before all others",
      { config: stack, env: { ...environment, TWILIO_PROFILE: "work" }, profiles },
      { accountSid: AC, username: AC, password: canary, source: "the stack's configuration" },
    ],
    ["is an explicit provider, under its name", { config: { ...stack, "twilio:provider": "sub" } }, { source: 'the provider "sub"' }],
    [
      "is a profile named by the stack before the environment",
      { config: { "twilio:profile": "work" }, env: environment, profiles },
      { accountSid: OTHER, username: SK, region: "ie1", source: 'the profile "work" of the Twilio CLI' },
    ],
    [
      "is the environment before a profile that it names",
      { env: { ...environment, TWILIO_PROFILE: "work" }, profiles },
      { accountSid: OTHER, username: OTHER, source: "the environment" },
    ],
    ["is a profile named by the environment", { env: { TWILIO_PROFILE: "work" }, profiles }, { username: SK, password: canary }],
    [
      "provides the API key before the auth token",
      { env: { ...environment, TWILIO_API_KEY: SK, TWILIO_API_SECRET: canary } },
      { username: SK, password: canary, accountSid: OTHER },
    ],
  ])("%s", async (_what, sources, connection) => {
    expect(await open(sources)).toMatchObject({ backend: "twilio", maxConcurrency: 10, ...connection });
  });
});

describe("incomplete credentials are an error and are never completed from another source", () => {
  it.each<[string, Sources, string[]]>([
    [
      "an account without a secret",
      { config: { "twilio:accountSid": AC }, env: environment },
      ["twilio:authToken (or twilio:apiKey and twilio:apiSecret)", "the stack's configuration"],
    ],
    ["a secret without an account", { config: { "twilio:authToken": canary }, env: environment }, ["twilio:accountSid is missing"]],
    [
      "a key without its secret",
      { env: { TWILIO_ACCOUNT_SID: AC, TWILIO_API_KEY: SK }, config: {} },
      ["TWILIO_API_SECRET is missing", "the environment"],
    ],
    ["a secret without its key", { env: { TWILIO_ACCOUNT_SID: AC, TWILIO_API_SECRET: canary } }, ["TWILIO_API_KEY is missing"]],
    ["a key without its secret next to an auth token", { env: { ...environment, TWILIO_API_KEY: SK } }, ["TWILIO_API_SECRET is missing"]],
    [
      "a profile without its secret",
      { env: { TWILIO_PROFILE: "work" }, profiles: { profiles: { work: { accountSid: AC, apiKey: SK } } } },
      ["apiSecret is missing", 'the profile "work"'],
    ],
    [
      "an incomplete environment next to a complete profile",
      { env: { TWILIO_AUTH_TOKEN: canary, TWILIO_PROFILE: "work" }, profiles },
      ["TWILIO_ACCOUNT_SID is missing"],
    ],
    [
      "an incomplete explicit provider",
      { config: { "twilio:provider": "sub", "twilio:accountSid": AC } },
      ['the provider "sub"', "authToken"],
    ],
    [
      "an embedded emulator with incomplete credentials",
      {
        config: { "twilio:backend": "emulator", "twilio:accountSid": AC },
        openEmbedded: async () => ({ url: "http://x", accountSid: OTHER, authToken: canary, apiKey: "SK0", apiSecret: canary }),
      },
      ["twilio:authToken"],
    ],
  ])("%s", async (_what, sources, words) => {
    const message = await refusal(sources);
    for (const word of words) expect(message).toContain(word);
  });
});

describe("unusable settings are reported without revealing a secret", () => {
  it.each<[string, Sources, string[]]>([
    [
      "no credentials",
      {},
      ["no Twilio credentials found", "pulumi config set twilio:accountSid", "TWILIO_PROFILE", "twilio:backend emulator"],
    ],
    [
      "an API key in place of an account",
      { env: { TWILIO_ACCOUNT_SID: SK, TWILIO_AUTH_TOKEN: canary } },
      ["TWILIO_ACCOUNT_SID", "For an API key, use TWILIO_API_KEY"],
    ],
    [
      "a secret in place of an account",
      { config: { "twilio:accountSid": canary, "twilio:authToken": canary } },
      ["must be an account SID"],
    ],
    [
      "a missing profile",
      { env: { TWILIO_PROFILE: "home" }, profiles },
      ['TWILIO_PROFILE must name a profile of the Twilio CLI; received "home"', "Existing profiles: work"],
    ],
    ["a profile in the old format", { config: { "twilio:profile": "old" }, profiles }, ["twilio profiles:port"]],
    [
      "a missing profile file",
      { env: { TWILIO_PROFILE: "work", HOME: "/home/ada" } },
      ["/home/ada/.twilio-cli/config.json", "twilio profiles:create"],
    ],
    ["a profile file that is not JSON", { env: { TWILIO_PROFILE: "work" }, profiles: `{"apiSecret": ${canary}}` }, ["must be JSON"]],
    ["an unknown backend", { config: { "twilio:backend": "mock" } }, ['"mock"', "emulator"]],
    ["a concurrency of zero", { config: { ...stack, "twilio:maxConcurrency": "0" } }, ["twilio:maxConcurrency", "from 1"]],
    ["a concurrency that is not a number", { config: { ...stack, "twilio:maxConcurrency": "many" } }, ['"many"']],
  ])("%s", async (_what, sources, words) => {
    const message = await refusal(sources);
    for (const word of words) expect(message).toContain(word);
  });
});

describe("the emulator", () => {
  const embedded = {
    url: "http://127.0.0.1:1",
    accountSid: OTHER,
    authToken: canary,
    apiKey: `SK${"5".repeat(32)}`,
    apiSecret: "of the key",
  };

  it("is used if the stack says so, with its own credentials and a state folder in the project", async () => {
    const project = mkdtempSync(join(tmpdir(), "project-"));
    try {
      writeFileSync(join(project, "Pulumi.yaml"), "");
      mkdirSync(join(project, "src"));
      const asked: string[] = [];
      const sources = {
        ...environmentOf({ config: { "twilio:backend": "emulator" }, env: environment }),
        cwd: join(project, "src"),
        openEmbedded: async (stateDir: string) => {
          asked.push(stateDir);
          return embedded;
        },
      };
      expect(await connect(sources)).toMatchObject({ backend: "emulator", accountSid: OTHER, password: canary, baseUrl: embedded.url });
      expect(asked).toEqual([join(project, ".twilio")]);
      expect(projectFolder(join(project, "src"))).toBe(project);
    } finally {
      rmSync(project, { recursive: true });
    }
  });

  it("does not get the stack's credentials, which may be those of a real account", async () => {
    const config = { ...stack, "twilio:backend": "emulator" };
    const message = await refusal({ config, openEmbedded: async () => embedded });
    for (const part of [AC, OTHER, "pulumi config rm-all twilio:accountSid", "TwilioProvider"]) expect(message).toContain(part);
    const own = { ...config, "twilio:accountSid": OTHER, "twilio:authToken": "of a real account" };
    expect(await open({ config: own, openEmbedded: async () => embedded })).toMatchObject({ password: embedded.authToken });
  });

  it("is used with the credentials of an explicit provider", async () => {
    const config = { ...stack, "twilio:provider": "sub", "twilio:backend": "emulator", "twilio:stateDir": "/state" };
    expect(await open({ config, openEmbedded: async () => embedded })).toMatchObject({ accountSid: AC, baseUrl: embedded.url });
  });

  it("is never a fallback", async () => {
    expect(await refusal({})).toContain("no Twilio credentials found");
    expect(await open({ config: stack })).not.toHaveProperty("baseUrl");
  });
});

describe("further settings", () => {
  it("include region, edge, base URL and concurrency, from the stack or the environment", async () => {
    const config = { ...stack, "twilio:baseUrl": "http://localhost:8080/", "twilio:maxConcurrency": "3", "twilio:region": "ie1" };
    expect(await open({ config, env: { TWILIO_EDGE: "dublin" } })).toMatchObject({
      baseUrl: "http://localhost:8080",
      maxConcurrency: 3,
      region: "ie1",
      edge: "dublin",
    });
    expect(await open({ env: { ...environment, TWILIO_BASE_URL: "https://a/" } })).toMatchObject({ baseUrl: "https://a" });
    // A value from a file often ends with a line break.
    expect(await open({ env: { ...environment, TWILIO_BASE_URL: " https://a/\n" } })).toMatchObject({ baseUrl: "https://a" });
    expect(await open({ config: { ...stack, "twilio:baseUrl": " https://a/\n" } })).toMatchObject({ baseUrl: "https://a" });
  });

  it("include what decides on the way to Twilio, without the password of a proxy", async () => {
    const env = { HTTP_PROXY: `http://me:${canary}@proxy:3128`, NODE_EXTRA_CA_CERTS: "/etc/ca.pem", HOME: "/root" };
    const { route } = await open({ config: stack, env });
    expect(route).toEqual({ HTTP_PROXY: "http://…@proxy:3128", NODE_EXTRA_CA_CERTS: "/etc/ca.pem" });
  });

  it("include time limits in whole seconds, by default 30 for a call and 300 for an operation", async () => {
    expect(await open({ config: stack })).toMatchObject({ callTimeoutMs: 30_000, operationTimeoutMs: 300_000 });
    const config = { ...stack, "twilio:callTimeout": "5", "twilio:operationTimeout": "60" };
    expect(await open({ config })).toMatchObject({ callTimeoutMs: 5_000, operationTimeoutMs: 60_000 });
  });

  it.each(["callTimeout", "operationTimeout", "maxConcurrency"])("must be whole numbers: %s", async (key) => {
    for (const wrong of ["0", "-1", "1.5", "soon", "1e9", ""]) {
      const expected = new RegExp(`^twilio:${key} must be a whole number.* from 1 to 2000000; received ${JSON.stringify(wrong)}\\.$`);
      await expect(open({ config: { ...stack, [`twilio:${key}`]: wrong } }), wrong).rejects.toThrow(expected);
    }
    for (const right of ["1", "2000000"]) await open({ config: { ...stack, [`twilio:${key}`]: right } });
  });

  it("include whether previews look up what properties name, by default yes", async () => {
    expect(await open({ config: stack })).toMatchObject({ previewLookups: true });
    expect(await open({ config: { ...stack, "twilio:previewLookups": "false" } })).toMatchObject({ previewLookups: false });
    const wrong = open({ config: { ...stack, "twilio:previewLookups": "no" } });
    await expect(wrong).rejects.toThrow('twilio:previewLookups must be true or false; received "no".');
  });

  it("are summarized in one line with backend, account and source, without a secret", async () => {
    const real = describeConnection(await open({ config: stack }));
    expect(real).toBe(`Twilio: the real API, account ${AC}, credentials from the stack's configuration`);
    const emulator = describeConnection(
      await open({
        config: { "twilio:backend": "emulator" },
        openEmbedded: async () => ({ url: "http://x", accountSid: OTHER, authToken: canary, apiKey: "SK0", apiSecret: canary }),
      }),
    );
    expect(emulator).toBe(`Twilio: the emulator at http://x, account ${OTHER}; nothing is billed`);
  });
});
