import { spawnSync } from "node:child_process";
import { join } from "node:path";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { type ChatTokenOptions, chatToken } from "../../src";

const options: ChatTokenOptions = {
  accountSid: `AC${"1".repeat(32)}`,
  apiKey: `SK${"2".repeat(32)}`,
  apiSecret: "canary",
  chatServiceSid: `IS${"3".repeat(32)}`,
  identity: "testPineapple",
};

const parts = (token: string) =>
  token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));

describe("chatToken", () => {
  it("makes the token that Twilio's own helper makes", () => {
    const { AccessToken } = twilio.jwt;
    const theirs = new AccessToken(options.accountSid, options.apiKey, options.apiSecret, {
      identity: "testPineapple",
      ttl: 600,
      region: "ie1",
    });
    theirs.addGrant(new AccessToken.ChatGrant({ serviceSid: options.chatServiceSid }));
    const [header, claims] = parts(chatToken({ ...options, ttl: 600, region: "ie1" }));
    const [theirHeader, theirClaims] = parts(theirs.toJwt());
    expect(header).toEqual(theirHeader);
    expect(claims.exp - claims.iat).toBe(600);
    const untimed = { iat: 0, exp: 0, jti: "" };
    expect({ ...claims, ...untimed }).toEqual({ ...theirClaims, ...untimed });
  });

  it.each<[string, Partial<Record<keyof ChatTokenOptions, unknown>>, RegExp]>([
    ["no account", { accountSid: undefined }, /accountSid is not a SID \(AC and 32 hex digits\)/],
    ["the account where the key belongs", { apiKey: options.accountSid }, /apiKey is not a SID \(SK/],
    ["a secret where the key belongs", { apiKey: "canary" }, /apiKey is not a SID/],
    ["no secret", { apiSecret: "" }, /apiSecret.* is missing/],
    ["no service", { chatServiceSid: "" }, /chatServiceSid is not a SID \(IS/],
    ["nobody", { identity: "" }, /identity is missing/],
    ["a name that is too long", { identity: "x".repeat(257) }, /longer than 256/],
    ["too short a life", { ttl: 179 }, /from 180 \(3 minutes\) to 86400 \(a day\)/],
    ["too long a life", { ttl: 86_401 }, /from 180/],
    ["half a second", { ttl: 200.5 }, /whole number/],
  ])("refuses %s", (_what, wrong, message) => {
    const make = () => chatToken({ ...options, ...wrong } as ChatTokenOptions);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/canary/);
  });

  it("takes the limits themselves", () => {
    for (const ttl of [180, 86_400]) expect(chatToken({ ...options, ttl })).toMatch(/^eyJ/);
  });

  it("loads nothing of Twilio's before it is called", () => {
    const script = `require("./dist/index.js"); console.log(Object.keys(require.cache).filter((path) => /node_modules.(twilio|jsonwebtoken)/.test(path)).length)`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: join(import.meta.dirname, "../.."), encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
  });
});
