import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isSecret, output } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type ConfigProblem, configProblems, describeProblems, programConfig, type StackInputs } from "../src/config";

const AC = `AC${"1".repeat(32)}`;
const canary = "canary-sings-loudly";
const program = "twilio-conversations";
const emulator = { "twilio:backend": "emulator" };
const real = { "twilio:accountSid": AC, "twilio:authToken": canary, [`${program}:mobileNumber`]: "+14155550123" };

const inputsOf = (config: Record<string, string>, more: Partial<StackInputs> = {}): StackInputs => ({
  config,
  project: program,
  stack: "prod",
  env: {},
  ...more,
});
const problems = (config: Record<string, string>, more?: Partial<StackInputs>): ConfigProblem[] => configProblems(inputsOf(config, more));
const reported = (config: Record<string, string>, more?: Partial<StackInputs>): string[] =>
  problems(config, more).map(({ key, reason, commands }) => `${key}: ${reason} | ${commands.join(" | ")}`);

describe("the configuration of the program", () => {
  it.each<[string, Record<string, string>, Partial<StackInputs>?]>([
    ["the emulator alone", emulator],
    ["an account in the configuration", real],
    [
      "an account in the environment",
      { [`${program}:mobileNumber`]: "+14155550123" },
      { env: { TWILIO_ACCOUNT_SID: AC, TWILIO_AUTH_TOKEN: canary } },
    ],
    [
      "another server, which needs no real phone",
      { "twilio:baseUrl": "http://127.0.0.1:4010", "twilio:accountSid": AC, "twilio:authToken": canary },
    ],
    ["keys of other providers", { ...emulator, "aws:region": "eu-west-1", "command:x": "1", "pulumi:tags": "{}" }],
    [
      "every setting",
      {
        ...emulator,
        "twilio:stateDir": "/tmp/twilio",
        "twilio:maxConcurrency": "5",
        "twilio:callTimeout": "20",
        "twilio:operationTimeout": "100",
        ...Object.fromEntries(
          Object.entries({
            namePrefix: "dev",
            mobileNumber: "+14155550123",
            protectNumbers: "true",
            numberOnDelete: "retain",
            smsUrl: "https://example.com/sms",
            smsFallbackUrl: "https://example.com/fallback",
            voiceUrl: "https://example.com/voice",
            statusCallback: "https://example.com/status",
            inactiveTimer: "PT1M",
            closedTimer: "PT10M",
            forceDestroy: "false",
            verify: "false",
          }).map(([name, value]) => [`${program}:${name}`, value]),
        ),
      },
    ],
  ])("accepts %s", (_what, config, more) => {
    expect(reported(config, more)).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "a misspelled name",
      { [`${program}:protectNumber`]: "true" },
      `${program}:protectNumber: is not a known key; did you mean ${program}:protectNumbers? | rm ${program}:protectNumber | set ${program}:protectNumbers …`,
    ],
    [
      "a name of the other namespace",
      { [`${program}:maxConcurrency`]: "3" },
      `${program}:maxConcurrency: is not a known key; did you mean twilio:maxConcurrency? | rm ${program}:maxConcurrency | set twilio:maxConcurrency …`,
    ],
    [
      "a misspelled namespace",
      { "twillio:region": "ie1" },
      "twillio:region: is not a known key; did you mean twilio:region? | rm twillio:region | set twilio:region …",
    ],
    [
      "an unknown name",
      { [`${program}:colour`]: "red" },
      `${program}:colour: is not a known key; the known keys are ${program}:namePrefix, ${program}:mobileNumber`,
    ],
    [
      "a flag that is neither true nor false",
      { [`${program}:verify`]: "yes" },
      `${program}:verify: must be true or false; received "yes" | set verify true`,
    ],
    [
      "a phone number that is not in E.164 format",
      { [`${program}:mobileNumber`]: "0155" },
      `${program}:mobileNumber: must be a phone number in E.164 format: + and country code, digits only, like +15558675310; received "0155" | set mobileNumber +1…`,
    ],
    [
      "a value that is not a URL",
      { [`${program}:smsUrl`]: "example.com" },
      `${program}:smsUrl: must be an absolute http or https URL, like https://example.com/twilio; received "example.com" | set smsUrl https://example.com/twilio`,
    ],
    [
      "a timer below the minimum",
      { [`${program}:closedTimer`]: "PT1M" },
      `${program}:closedTimer: must be at least PT10M, Twilio's minimum; received "PT1M" | set closedTimer P7D`,
    ],
    [
      "a value that is not one of the choices",
      { [`${program}:numberOnDelete`]: "delete" },
      `${program}:numberOnDelete: must be one of "retain", "release"; received "delete" | set numberOnDelete retain`,
    ],
    ["an empty string", { [`${program}:namePrefix`]: "" }, `${program}:namePrefix: must not be empty | set namePrefix staging`],
    [
      "a value that is not a number of seconds",
      { "twilio:callTimeout": "soon" },
      'twilio:callTimeout: must be a whole number of seconds from 1 to 2000000; received "soon" | set twilio:callTimeout 30',
    ],
    [
      "release for a protected number",
      { [`${program}:protectNumbers`]: "true", [`${program}:numberOnDelete`]: "release" },
      `${program}:numberOnDelete: must not be release while protectNumbers is true, which forbids deleting the number | set numberOnDelete retain`,
    ],
    [
      "a fallback without a webhook",
      { [`${program}:smsFallbackUrl`]: "https://example.com" },
      `${program}:smsFallbackUrl: requires smsUrl, because Twilio calls it only if smsUrl fails | set smsUrl https://example.com/twilio`,
    ],
    [
      "a region for the emulator",
      { "twilio:region": "ie1" },
      "twilio:region: has no effect while twilio:backend is emulator | rm twilio:region",
    ],
  ])("rejects %s, with the command that solves it", (_what, config, expected) => {
    const [first, ...others] = reported({ ...emulator, ...config });
    expect(first).toContain(expected);
    expect(others).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "an unknown backend",
      { ...real, "twilio:backend": "emulater" },
      'twilio:backend: must be "twilio" or "emulator"; received "emulater" | set twilio:backend twilio',
    ],
    [
      "incomplete credentials",
      { ...real, "twilio:authToken": "" },
      `twilio:accountSid: incomplete credentials in the stack's configuration: twilio:authToken (or twilio:apiKey and twilio:apiSecret) is missing. Set it there, or remove the other credentials there; credentials from different sources are never combined. | set twilio:accountSid AC… | set --secret twilio:authToken …`,
    ],
    [
      "incomplete credentials next to the emulator, which would use them",
      { ...emulator, "twilio:accountSid": AC },
      `twilio:accountSid: incomplete credentials in the stack's configuration: twilio:authToken (or twilio:apiKey and twilio:apiSecret) is missing. Set it there, or remove the other credentials there; credentials from different sources are never combined. | set twilio:accountSid AC… | set --secret twilio:authToken …`,
    ],
    [
      "a profile together with an account",
      { ...real, "twilio:profile": "work" },
      "twilio:profile: has no effect together with twilio:accountSid, which takes precedence | rm twilio:profile",
    ],
    [
      "a state folder without the emulator",
      { ...real, "twilio:stateDir": "x" },
      "twilio:stateDir: has no effect unless twilio:backend is emulator | rm twilio:stateDir",
    ],
    [
      "a missing phone number",
      { "twilio:accountSid": AC, "twilio:authToken": canary },
      `${program}:mobileNumber: is missing: outside of the emulator it must be a phone that exists, and the default +15558675310 does not | set mobileNumber +1…`,
    ],
  ])("rejects %s, with the command that solves it", (_what, config, expected) => {
    expect(reported(config)).toEqual([expected]);
  });

  it.each([[{}], [{ "twilio:backend": "twilio" }]])("rejects a stack without credentials: %j", (config) => {
    const found = reported({ ...config, [`${program}:mobileNumber`]: "+14155550123" });
    expect(found).toEqual([expect.stringMatching(/^twilio:accountSid: no Twilio credentials found/)]);
  });

  it("is reported with all problems at once, each with its key and its commands", () => {
    const wrong = { "twilio:backend": "twilio", "twilio:callTimeout": "0", [`${program}:verify`]: "1", [`${program}:smsURL`]: "x" };
    expect(describeProblems(inputsOf(wrong), problems(wrong))).toMatchInlineSnapshot(`
      "5 problems in the configuration of the stack prod; nothing was created.
        twilio-conversations:smsURL: is not a known key; did you mean twilio-conversations:smsUrl?
            pulumi config rm twilio-conversations:smsURL --stack prod
            pulumi config set twilio-conversations:smsUrl … --stack prod
        twilio-conversations:verify: must be true or false; received "1"
            pulumi config set verify true --stack prod
        twilio:callTimeout: must be a whole number of seconds from 1 to 2000000; received "0"
            pulumi config set twilio:callTimeout 30 --stack prod
        twilio:accountSid: no Twilio credentials found. Set one of:
              pulumi config set twilio:accountSid AC… && pulumi config set --secret twilio:authToken …
              TWILIO_ACCOUNT_SID with TWILIO_API_KEY and TWILIO_API_SECRET (or TWILIO_AUTH_TOKEN) in the environment
              TWILIO_PROFILE, the name of a profile of the Twilio CLI
            or work without an account: pulumi config set twilio:backend emulator
        twilio-conversations:mobileNumber: is missing: outside of the emulator it must be a phone that exists, and the default +15558675310 does not
            pulumi config set mobileNumber +1… --stack prod"
    `);
  });

  it("never reports an invalid secret value", () => {
    const config = { ...emulator, [`${program}:smsUrl`]: `http//me:${canary}@example.com` };
    const secrets = [`${program}:smsUrl`];
    expect(reported(config, { secrets })).toEqual([
      `${program}:smsUrl: must be an absolute http or https URL, like https://example.com/twilio; received the secret value | set --secret smsUrl https://example.com/twilio`,
    ]);
    expect(reported({ "twilio:accountSid": "AC1", "twilio:authToken": canary }).join()).not.toContain(canary);
  });
});

describe("the stack files", () => {
  const config = (stack: string): Record<string, string> => {
    const file = parse(readFileSync(join(import.meta.dirname, "..", `Pulumi.${stack}.yaml`), "utf8")) as {
      config: Record<string, unknown>;
    };
    return Object.fromEntries(Object.entries(file.config).map(([key, value]) => [key, String(value)]));
  };

  it.each(["dev", "pr"])("%s is complete", (stack) => {
    expect(reported(config(stack))).toEqual([]);
  });

  it.each(["staging", "prod"])("%s lacks only an account and a phone", (stack) => {
    expect(problems(config(stack)).map(({ key }) => key)).toEqual(["twilio:accountSid", `${program}:mobileNumber`]);
    expect(reported({ ...config(stack), ...real })).toEqual([]);
  });

  it.each([
    ["dev", false, true],
    ["pr", false, true],
    ["staging", false, false],
    ["prod", true, false],
  ])("%s: number protected %s, messages deleted with the conversation %s", (stack, protectNumbers, forceDestroy) => {
    expect(programConfig(inputsOf(config(stack)))).toMatchObject({ protectNumbers, forceDestroy });
  });
});

describe("the documentation of the configuration", () => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, "..", name), "utf8");

  it("in docs/stacks.md has every setting", () => {
    const [{ reason } = { reason: "" }] = problems({ ...emulator, [`${program}:colour`]: "red" });
    const names = [...reason.matchAll(/:(\w+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(read("docs/stacks.md")).toContain(`\`${name}\``);
  });

  it("has an ESC sample whose values are known keys and complete credentials", () => {
    const { pulumiConfig, environmentVariables } = parse(read("examples/esc/prod.yaml")).values;
    const values: Record<string, string> = { accountSid: AC, apiKey: `SK${"3".repeat(32)}`, apiSecret: canary };
    const filled = (from: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(from).map(([key, value]) => [key, value.replace(/^\$\{twilio\.(\w+)\}$/, (_all, name) => values[name] ?? "")]),
      );
    const phone = { [`${program}:mobileNumber`]: "+14155550123" };
    expect(reported({ ...filled(pulumiConfig), ...phone })).toEqual([]);
    expect(reported(phone, { env: filled(environmentVariables) })).toEqual([]);
  });
});

describe("the configuration that the program uses", () => {
  const configured = (own: Record<string, string>, secrets: string[] = []) =>
    programConfig(inputsOf(Object.fromEntries(Object.entries(own).map(([name, value]) => [`${program}:${name}`, value])), { secrets }));

  it("is the quickstart if nothing is set", () => {
    const { named, ...rest } = configured({});
    expect(named("Support")).toBe("Support");
    expect(rest).toEqual({ mobileNumber: "+15558675310", number: {}, protectNumbers: false, forceDestroy: true, verify: false });
  });

  it("contains what is set", () => {
    const own = { namePrefix: "prod", mobileNumber: "+14155550123", protectNumbers: "true", forceDestroy: "false", verify: "true" };
    const { named, ...rest } = configured({ ...own, numberOnDelete: "retain", voiceUrl: "https://example.com", inactiveTimer: "PT1H" });
    expect(named("Support")).toBe("prod Support");
    expect(rest).toEqual({
      mobileNumber: "+14155550123",
      number: { onDelete: "retain", voiceUrl: "https://example.com" },
      protectNumbers: true,
      timers: { inactive: "PT1H" },
      forceDestroy: false,
      verify: true,
    });
  });

  it("keeps a secret URL secret, and leaves a plain URL plain", async () => {
    const { number } = configured({ smsUrl: `https://${canary}@example.com`, voiceUrl: "https://example.com" }, [`${program}:smsUrl`]);
    expect(await isSecret(output(number.smsUrl))).toBe(true);
    expect(number.voiceUrl).toBe("https://example.com");
  });
});
