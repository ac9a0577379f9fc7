import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isSecret, output } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type ConfigProblem, configProblems, describeProblems, programConfig, type StackInputs } from "../src/config";

const AC = `AC${"1".repeat(32)}`;
const canary = "canary-sings-loudly";
const program = "twilio-conversations";
const local = { "twilio:backend": "emulator" };
const real = { "twilio:accountSid": AC, "twilio:authToken": canary, [`${program}:mobileNumber`]: "+14155550123" };

const given = (config: Record<string, string>, more: Partial<StackInputs> = {}): StackInputs => ({
  config,
  project: program,
  stack: "prod",
  env: {},
  ...more,
});
const problems = (config: Record<string, string>, more?: Partial<StackInputs>): ConfigProblem[] => configProblems(given(config, more));
const told = (config: Record<string, string>, more?: Partial<StackInputs>): string[] =>
  problems(config, more).map(({ key, reason, cure }) => `${key}: ${reason} | ${cure.join(" | ")}`);

describe("the configuration of the program", () => {
  it.each<[string, Record<string, string>, Partial<StackInputs>?]>([
    ["the embedded Twilio alone", local],
    ["an account in the configuration", real],
    [
      "an account in the environment",
      { [`${program}:mobileNumber`]: "+14155550123" },
      { env: { TWILIO_ACCOUNT_SID: AC, TWILIO_AUTH_TOKEN: canary } },
    ],
    [
      "a Twilio elsewhere, which needs no true phone",
      { "twilio:baseUrl": "http://127.0.0.1:4010", "twilio:accountSid": AC, "twilio:authToken": canary },
    ],
    ["other providers' keys", { ...local, "aws:region": "eu-west-1", "command:x": "1", "pulumi:tags": "{}" }],
    [
      "every setting",
      {
        ...local,
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
  ])("takes %s", (_what, config, more) => {
    expect(told(config, more)).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "a slip in a name",
      { [`${program}:protectNumber`]: "true" },
      `${program}:protectNumber: nothing reads it; did you mean ${program}:protectNumbers? | rm ${program}:protectNumber | set ${program}:protectNumbers …`,
    ],
    [
      "a name of the other namespace",
      { [`${program}:maxConcurrency`]: "3" },
      `${program}:maxConcurrency: nothing reads it; did you mean twilio:maxConcurrency? | rm ${program}:maxConcurrency | set twilio:maxConcurrency …`,
    ],
    [
      "a slip in a namespace",
      { "twillio:region": "ie1" },
      "twillio:region: nothing reads it; did you mean twilio:region? | rm twillio:region | set twilio:region …",
    ],
    [
      "a name like no other",
      { [`${program}:colour`]: "red" },
      `${program}:colour: nothing reads it; there are ${program}:namePrefix, ${program}:mobileNumber`,
    ],
    ["no truth", { [`${program}:verify`]: "yes" }, `${program}:verify: "yes" is not true or false | set verify true`],
    [
      "no E.164",
      { [`${program}:mobileNumber`]: "0155" },
      `${program}:mobileNumber: "0155" is not in E.164 form: write + and country code, digits only, like +15558675310 | set mobileNumber +1…`,
    ],
    [
      "no URL",
      { [`${program}:smsUrl`]: "example.com" },
      `${program}:smsUrl: "example.com" is not a URL: write it whole, like https://example.com/twilio | set smsUrl https://example.com/twilio`,
    ],
    [
      "too short a timer",
      { [`${program}:closedTimer`]: "PT1M" },
      `${program}:closedTimer: "PT1M" is shorter than Twilio's minimum of PT10M | set closedTimer P7D`,
    ],
    [
      "no word of two",
      { [`${program}:numberOnDelete`]: "delete" },
      `${program}:numberOnDelete: "delete" is not one of "retain", "release" | set numberOnDelete retain`,
    ],
    ["an empty text", { [`${program}:namePrefix`]: "" }, `${program}:namePrefix: is empty | set namePrefix staging`],
    [
      "no number of seconds",
      { "twilio:callTimeout": "soon" },
      'twilio:callTimeout: "soon": write a whole number of seconds from 1. | set twilio:callTimeout 30',
    ],
    [
      "a release of what is protected",
      { [`${program}:protectNumbers`]: "true", [`${program}:numberOnDelete`]: "release" },
      `${program}:numberOnDelete: says release, and protectNumbers says that the number is never deleted: one of the two is meant | set numberOnDelete retain`,
    ],
    [
      "a fallback for nothing",
      { [`${program}:smsFallbackUrl`]: "https://example.com" },
      `${program}:smsFallbackUrl: is called when smsUrl fails, and there is no smsUrl | set smsUrl https://example.com/twilio`,
    ],
    [
      "a region of the embedded Twilio",
      { "twilio:region": "ie1" },
      "twilio:region: is for the real Twilio, and twilio:backend is emulator | rm twilio:region",
    ],
  ])("refuses %s, with the command that mends it", (_what, config, expected) => {
    const [first, ...others] = told({ ...local, ...config });
    expect(first).toContain(expected);
    expect(others).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "a backend that there is not",
      { ...real, "twilio:backend": "emulater" },
      'twilio:backend: "emulater": write twilio, or emulator for the embedded one. | set twilio:backend twilio',
    ],
    [
      "half a set of credentials",
      { ...real, "twilio:authToken": "" },
      `twilio:accountSid: half a set of credentials in the stack's configuration: twilio:authToken (or twilio:apiKey and twilio:apiSecret) is missing. Set it there, or remove the others; credentials of several places are never mixed. | set twilio:accountSid AC… | set --secret twilio:authToken …`,
    ],
    [
      "a profile beside an account",
      { ...real, "twilio:profile": "work" },
      "twilio:profile: does not count beside twilio:accountSid, whose credentials are taken | rm twilio:profile",
    ],
    [
      "a folder for the real Twilio",
      { ...real, "twilio:stateDir": "x" },
      "twilio:stateDir: is for the embedded Twilio, and twilio:backend is not emulator | rm twilio:stateDir",
    ],
    [
      "no phone that exists",
      { "twilio:accountSid": AC, "twilio:authToken": canary },
      `${program}:mobileNumber: is missing: at the real Twilio it takes a phone that exists, and +15558675310 is nobody's | set mobileNumber +1…`,
    ],
  ])("refuses %s, with the command that mends it", (_what, config, expected) => {
    expect(told(config)).toEqual([expected]);
  });

  it("tells all problems at once, each with its key and its commands", () => {
    const wrong = { "twilio:backend": "twilio", "twilio:callTimeout": "0", [`${program}:verify`]: "1", [`${program}:smsURL`]: "x" };
    expect(describeProblems(given(wrong), problems(wrong))).toMatchInlineSnapshot(`
      "5 problems in the configuration of the stack prod; nothing was made.
        twilio-conversations:smsURL: nothing reads it; did you mean twilio-conversations:smsUrl?
            pulumi config rm twilio-conversations:smsURL --stack prod
            pulumi config set twilio-conversations:smsUrl … --stack prod
        twilio-conversations:verify: "1" is not true or false
            pulumi config set verify true --stack prod
        twilio:callTimeout: "0": write a whole number of seconds from 1.
            pulumi config set twilio:callTimeout 30 --stack prod
        twilio:accountSid: no Twilio credentials found. Give one of:
              pulumi config set twilio:accountSid AC… && pulumi config set --secret twilio:authToken …
              TWILIO_ACCOUNT_SID with TWILIO_API_KEY and TWILIO_API_SECRET (or TWILIO_AUTH_TOKEN) in the environment
              TWILIO_PROFILE, the name of a profile of the Twilio CLI
            or work without an account: pulumi config set twilio:backend emulator
        twilio-conversations:mobileNumber: is missing: at the real Twilio it takes a phone that exists, and +15558675310 is nobody's
            pulumi config set mobileNumber +1… --stack prod"
    `);
  });

  it("says no secret, however wrong it is", () => {
    const config = { ...local, [`${program}:smsUrl`]: `http//me:${canary}@example.com` };
    const secrets = [`${program}:smsUrl`];
    expect(told(config, { secrets })).toEqual([
      `${program}:smsUrl: the secret value is not a URL: write it whole, like https://example.com/twilio | set --secret smsUrl https://example.com/twilio`,
    ]);
    expect(told({ "twilio:accountSid": "AC1", "twilio:authToken": canary }).join()).not.toContain(canary);
  });
});

describe("the stacks' files", () => {
  const config = (stack: string): Record<string, string> => {
    const file = parse(readFileSync(join(import.meta.dirname, "..", `Pulumi.${stack}.yaml`), "utf8")) as {
      config: Record<string, unknown>;
    };
    return Object.fromEntries(Object.entries(file.config).map(([key, value]) => [key, String(value)]));
  };

  it.each(["dev", "pr"])("%s wants nothing else", (stack) => {
    expect(told(config(stack))).toEqual([]);
  });

  it.each(["staging", "prod"])("%s wants an account and a phone, and nothing else", (stack) => {
    expect(problems(config(stack)).map(({ key }) => key)).toEqual(["twilio:accountSid", `${program}:mobileNumber`]);
    expect(told({ ...config(stack), ...real })).toEqual([]);
  });

  it.each([
    ["dev", false, true],
    ["pr", false, true],
    ["staging", false, false],
    ["prod", true, false],
  ])("%s: protection of the number %s, messages may go %s", (stack, protectNumbers, forceDestroy) => {
    expect(programConfig(given(config(stack)))).toMatchObject({ protectNumbers, forceDestroy });
  });
});

describe("what is written about it", () => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, "..", name), "utf8");

  it("docs/stacks.md has every setting", () => {
    const [{ reason } = { reason: "" }] = problems({ ...local, [`${program}:colour`]: "red" });
    const names = [...reason.matchAll(/:(\w+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(read("docs/stacks.md")).toContain(`\`${name}\``);
  });

  it("what the ESC sample hands to the stack is read, and is a whole set of credentials", () => {
    const { pulumiConfig, environmentVariables } = parse(read("examples/esc/prod.yaml")).values;
    const values: Record<string, string> = { accountSid: AC, apiKey: `SK${"3".repeat(32)}`, apiSecret: canary };
    const filled = (from: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(from).map(([key, value]) => [key, value.replace(/^\$\{twilio\.(\w+)\}$/, (_all, name) => values[name] ?? "")]),
      );
    const phone = { [`${program}:mobileNumber`]: "+14155550123" };
    expect(told({ ...filled(pulumiConfig), ...phone })).toEqual([]);
    expect(told(phone, { env: filled(environmentVariables) })).toEqual([]);
  });
});

describe("what the program makes of it", () => {
  const made = (own: Record<string, string>, secrets: string[] = []) =>
    programConfig(given(Object.fromEntries(Object.entries(own).map(([name, value]) => [`${program}:${name}`, value])), { secrets }));

  it("is the quickstart where nothing is set", () => {
    const { named, ...rest } = made({});
    expect(named("Support")).toBe("Support");
    expect(rest).toEqual({ mobileNumber: "+15558675310", number: {}, protectNumbers: false, forceDestroy: true, verify: false });
  });

  it("is what is set", () => {
    const own = { namePrefix: "prod", mobileNumber: "+14155550123", protectNumbers: "true", forceDestroy: "false", verify: "true" };
    const { named, ...rest } = made({ ...own, numberOnDelete: "retain", voiceUrl: "https://example.com", inactiveTimer: "PT1H" });
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

  it("keeps a secret address secret, and a plain one plain", async () => {
    const { number } = made({ smsUrl: `https://${canary}@example.com`, voiceUrl: "https://example.com" }, [`${program}:smsUrl`]);
    expect(await isSecret(output(number.smsUrl))).toBe(true);
    expect(number.voiceUrl).toBe("https://example.com");
  });
});
