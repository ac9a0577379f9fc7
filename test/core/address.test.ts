import { describe, expect, it } from "vitest";
import { canary, environment, open, profiles, refusal, type Sources, stack } from "../support/connection-sources";

describe("the base URL comes from the source of the credentials", () => {
  const evil = "https://evil.example";
  const named = { config: { "twilio:profile": "work" }, profiles };

  it.each<[string, Sources, string[]]>([
    ["the environment's, with the stack's credentials", { config: stack, env: { TWILIO_BASE_URL: evil } }, ["TWILIO_BASE_URL", "unset"]],
    [
      "the environment's, with an explicit provider's credentials",
      { config: { ...stack, "twilio:provider": "sub" }, env: { TWILIO_BASE_URL: "http://127.0.0.1:4010" } },
      ["TWILIO_BASE_URL", 'the provider "sub"'],
    ],
    [
      "the stack's, with the environment's credentials",
      { config: { "twilio:baseUrl": evil }, env: environment },
      ["twilio:baseUrl", "the environment", "pulumi config rm twilio:baseUrl"],
    ],
    [
      "the stack's, although the environment has its own",
      { config: { "twilio:baseUrl": evil }, env: { ...environment, TWILIO_BASE_URL: "https://own.example" } },
      ["twilio:baseUrl"],
    ],
    ["the environment's, with a profile that the stack names", { ...named, env: { TWILIO_BASE_URL: evil } }, ['the profile "work"']],
    [
      "the stack's, with a profile that the environment names",
      { config: { "twilio:baseUrl": evil }, env: { TWILIO_PROFILE: "work" }, profiles },
      ['the profile "work"'],
    ],
  ])("and not %s", async (_what, sources, words) => {
    const message = await refusal(sources);
    for (const word of ["same source", ...words]) expect(message).toContain(word);
  });

  it.each<[string, Sources, string]>([
    ["of the stack", { config: { ...stack, "twilio:baseUrl": evil } }, evil],
    [
      "of the stack, even if the environment has another",
      { config: { ...stack, "twilio:baseUrl": evil }, env: { TWILIO_BASE_URL: "x" } },
      evil,
    ],
    ["of the environment", { env: { ...environment, TWILIO_BASE_URL: `${evil}/` } }, evil],
    ["of both, if they are equal", { config: { "twilio:baseUrl": evil }, env: { ...environment, TWILIO_BASE_URL: `${evil}/` } }, evil],
    ["next to a profile's name", { ...named, config: { ...named.config, "twilio:baseUrl": evil } }, evil],
  ])("%s", async (_what, sources, baseUrl) => {
    expect(await open(sources)).toMatchObject({ baseUrl, place: baseUrl });
  });

  it("is encrypted, except on this machine", async () => {
    const at = (url: string) => ({ env: { ...environment, TWILIO_BASE_URL: url } });
    for (const url of [
      "http://evil.example",
      "http://127.0.0.1.evil.example",
      "http://localhost.evil.example:4010",
      "http://127.0.0.1@evil.example",
      "http://0.0.0.0:4010",
      "ftp://localhost",
      "localhost:4010",
      `${canary}`,
    ])
      expect(await refusal(at(url)), url).toContain("https://");
    for (const url of ["http://127.0.0.1:4010", "http://localhost:4010", "http://[::1]:4010", "https://twilio.example/proxy"])
      expect(await open(at(url)), url).toMatchObject({ baseUrl: url });
  });

  it("is one part of a host name in a region and an edge", async () => {
    for (const wrong of ["evil.invalid/", "ie1.", "ie1:80", "IE1", "a b", "\u202e", "@evil"]) {
      const wrongSources: Sources[] = [
        { config: { ...stack, "twilio:region": wrong } },
        { config: { ...stack, "twilio:edge": wrong } },
        { env: { ...environment, TWILIO_REGION: wrong } },
        { config: stack, env: { TWILIO_EDGE: wrong } },
        { env: { TWILIO_PROFILE: "work" }, profiles: { profiles: { work: { ...profiles.profiles.work, region: wrong } } } },
      ];
      for (const sources of wrongSources) expect(await refusal(sources)).toContain("lowercase letters");
    }
    expect(await open({ config: { ...stack, "twilio:region": "ie1", "twilio:edge": "dublin" } })).toMatchObject({ region: "ie1" });
  });
});
