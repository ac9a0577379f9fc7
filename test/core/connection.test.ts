import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connect, describeConnection, type Environment, projectFolder } from "../../src/core/twilio/connection";
import { UsageError } from "../../src/core/twilio/errors";

const AC = `AC${"1".repeat(32)}`;
const OTHER = `AC${"2".repeat(32)}`;
const SK = `SK${"3".repeat(32)}`;
const canary = "canary-sings-loudly";

interface Around {
  config?: Record<string, string>;
  env?: Record<string, string>;
  profiles?: object | string;
  openEmbedded?: Environment["openEmbedded"];
}

function surroundings({ config = {}, env = {}, profiles, openEmbedded }: Around): Environment {
  return {
    config: (key) => config[key],
    env,
    cwd: "/nowhere",
    openEmbedded: openEmbedded ?? (() => Promise.reject(new Error("the embedded Twilio was opened"))),
    readProfiles: () => (typeof profiles === "object" ? JSON.stringify(profiles) : profiles),
  };
}

const open = (around: Around) => connect(surroundings(around));
const refusal = async (around: Around): Promise<string> => {
  const error = await open(around).then(
    () => expect.unreachable("credentials were accepted"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UsageError);
  const text = `${(error as Error).message} ${(error as Error).stack} ${JSON.stringify(error)}`;
  expect(text).not.toContain(canary);
  return (error as Error).message;
};

const stack = { "twilio:accountSid": AC, "twilio:authToken": canary };
const environment = { TWILIO_ACCOUNT_SID: OTHER, TWILIO_AUTH_TOKEN: `${canary}-env` };
const profiles = { profiles: { work: { accountSid: OTHER, apiKey: SK, apiSecret: canary, region: "ie1" } }, projects: [{ id: "old" }] };

describe("where credentials come from", () => {
  it.each<[string, Around, object]>([
    [
      "the stack, before all others",
      { config: stack, env: { ...environment, TWILIO_PROFILE: "work" }, profiles },
      { accountSid: AC, username: AC, password: canary, source: "the stack's configuration" },
    ],
    ["an explicit provider, by its name", { config: { ...stack, "twilio:provider": "sub" } }, { source: 'the provider "sub"' }],
    [
      "a profile that the stack names, before the environment",
      { config: { "twilio:profile": "work" }, env: environment, profiles },
      { accountSid: OTHER, username: SK, region: "ie1", source: 'the profile "work" of the Twilio CLI' },
    ],
    [
      "the environment, before a profile that it names",
      { env: { ...environment, TWILIO_PROFILE: "work" }, profiles },
      { accountSid: OTHER, username: OTHER, source: "the environment" },
    ],
    ["a profile that the environment names", { env: { TWILIO_PROFILE: "work" }, profiles }, { username: SK, password: canary }],
    [
      "an API key before an auth token of the same place",
      { env: { ...environment, TWILIO_API_KEY: SK, TWILIO_API_SECRET: canary } },
      { username: SK, password: canary, accountSid: OTHER },
    ],
  ])("%s", async (_what, around, connection) => {
    expect(await open(around)).toMatchObject({ backend: "twilio", maxConcurrency: 10, ...connection });
  });
});

describe("half a set of credentials is an error, never completed from another place", () => {
  it.each<[string, Around, string[]]>([
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
    ["a key without its secret beside an auth token", { env: { ...environment, TWILIO_API_KEY: SK } }, ["TWILIO_API_SECRET is missing"]],
    [
      "a profile without its secret",
      { env: { TWILIO_PROFILE: "work" }, profiles: { profiles: { work: { accountSid: AC, apiKey: SK } } } },
      ["apiSecret is missing", 'the profile "work"'],
    ],
    [
      "half an environment beside a whole profile",
      { env: { TWILIO_AUTH_TOKEN: canary, TWILIO_PROFILE: "work" }, profiles },
      ["TWILIO_ACCOUNT_SID is missing"],
    ],
    ["half an explicit provider", { config: { "twilio:provider": "sub", "twilio:accountSid": AC } }, ['the provider "sub"', "authToken"]],
    [
      "an embedded Twilio with half of somebody's credentials",
      {
        config: { "twilio:backend": "emulator", "twilio:accountSid": AC },
        openEmbedded: async () => ({ url: "http://x", accountSid: OTHER, authToken: canary, apiKey: "SK0", apiSecret: canary }),
      },
      ["twilio:authToken"],
    ],
  ])("%s", async (_what, around, words) => {
    const message = await refusal(around);
    for (const word of words) expect(message).toContain(word);
  });
});

describe("what cannot be used is said without telling a secret", () => {
  it.each<[string, Around, string[]]>([
    [
      "nothing at all",
      {},
      ["no Twilio credentials found", "pulumi config set twilio:accountSid", "TWILIO_PROFILE", "twilio:backend emulator"],
    ],
    [
      "an API key for an account",
      { env: { TWILIO_ACCOUNT_SID: SK, TWILIO_AUTH_TOKEN: canary } },
      ["TWILIO_ACCOUNT_SID", "an API key belongs into apiKey"],
    ],
    ["a secret for an account", { config: { "twilio:accountSid": canary, "twilio:authToken": canary } }, ["is not an account SID"]],
    [
      "a profile that is not there",
      { env: { TWILIO_PROFILE: "home" }, profiles },
      ['TWILIO_PROFILE names the profile "home"', "there are: work"],
    ],
    ["a profile of the old kind", { config: { "twilio:profile": "old" }, profiles }, ["twilio profiles:port"]],
    [
      "a profile without any file",
      { env: { TWILIO_PROFILE: "work", HOME: "/home/ada" } },
      ["/home/ada/.twilio-cli/config.json", "twilio profiles:create"],
    ],
    ["a profile file that is no JSON", { env: { TWILIO_PROFILE: "work" }, profiles: `{"apiSecret": ${canary}}` }, ["is not JSON"]],
    ["a backend that there is none of", { config: { "twilio:backend": "mock" } }, ['"mock"', "emulator"]],
    ["no room for a request", { config: { ...stack, "twilio:maxConcurrency": "0" } }, ["twilio:maxConcurrency", "from 1"]],
    ["a concurrency that is no number", { config: { ...stack, "twilio:maxConcurrency": "many" } }, ['"many"']],
  ])("%s", async (_what, around, words) => {
    const message = await refusal(around);
    for (const word of words) expect(message).toContain(word);
  });
});

describe("the local Twilio", () => {
  const embedded = {
    url: "http://127.0.0.1:1",
    accountSid: OTHER,
    authToken: canary,
    apiKey: `SK${"5".repeat(32)}`,
    apiSecret: "of the key",
  };

  it("is used where the stack says so, with its own credentials and below the project", async () => {
    const project = mkdtempSync(join(tmpdir(), "project-"));
    try {
      writeFileSync(join(project, "Pulumi.yaml"), "");
      mkdirSync(join(project, "src"));
      const asked: string[] = [];
      const around = {
        ...surroundings({ config: { "twilio:backend": "emulator" }, env: environment }),
        cwd: join(project, "src"),
        openEmbedded: async (stateDir: string) => {
          asked.push(stateDir);
          return embedded;
        },
      };
      expect(await connect(around)).toMatchObject({ backend: "emulator", accountSid: OTHER, password: canary, baseUrl: embedded.url });
      expect(asked).toEqual([join(project, ".twilio")]);
      expect(projectFolder(join(project, "src"))).toBe(project);
    } finally {
      rmSync(project, { recursive: true });
    }
  });

  it("is used with the credentials of a provider that has its own", async () => {
    const config = { ...stack, "twilio:backend": "emulator", "twilio:stateDir": "/state" };
    expect(await open({ config, openEmbedded: async () => embedded })).toMatchObject({ accountSid: AC, baseUrl: embedded.url });
  });

  it("is never a fall-back", async () => {
    expect(await refusal({})).toContain("no Twilio credentials found");
    expect(await open({ config: stack })).not.toHaveProperty("baseUrl");
  });
});

describe("beside the credentials", () => {
  it("region, edge, base URL and concurrency may come from stack or environment", async () => {
    const config = { ...stack, "twilio:baseUrl": "http://localhost:8080/", "twilio:maxConcurrency": "3", "twilio:region": "ie1" };
    expect(await open({ config, env: { TWILIO_EDGE: "dublin" } })).toMatchObject({
      baseUrl: "http://localhost:8080",
      maxConcurrency: 3,
      region: "ie1",
      edge: "dublin",
    });
    expect(await open({ config: stack, env: { TWILIO_BASE_URL: "http://a" } })).toMatchObject({ baseUrl: "http://a" });
  });

  it("time limits are whole seconds, 30 for a call and 300 for an operation unless the stack says otherwise", async () => {
    expect(await open({ config: stack })).toMatchObject({ callTimeoutMs: 30_000, operationTimeoutMs: 300_000 });
    const config = { ...stack, "twilio:callTimeout": "5", "twilio:operationTimeout": "60" };
    expect(await open({ config })).toMatchObject({ callTimeoutMs: 5_000, operationTimeoutMs: 60_000 });
  });

  it.each(["callTimeout", "operationTimeout", "maxConcurrency"])(
    "a %s that is no whole number is refused with what to write",
    async (key) => {
      for (const wrong of ["0", "-1", "1.5", "soon", "1e9", ""]) {
        await expect(open({ config: { ...stack, [`twilio:${key}`]: wrong } }), wrong).rejects.toThrow(
          `twilio:${key} is "${wrong}": write a whole number`,
        );
      }
    },
  );

  it("one line says backend, account and source, and no secret", async () => {
    const real = describeConnection(await open({ config: stack }));
    expect(real).toBe(`Twilio: the real one, account ${AC}, credentials from the stack's configuration`);
    const local = describeConnection(
      await open({
        config: { "twilio:backend": "emulator" },
        openEmbedded: async () => ({ url: "http://x", accountSid: OTHER, authToken: canary, apiKey: "SK0", apiSecret: canary }),
      }),
    );
    expect(local).toBe(`Twilio: the local one (http://x), account ${OTHER}; nothing is billed`);
  });
});
