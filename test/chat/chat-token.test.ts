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
  it("creates the same token as Twilio's helper", () => {
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
    ["a missing account", { accountSid: undefined }, /`accountSid` must be a SID: AC and 32 hexadecimal digits/],
    ["an account SID as the API key", { apiKey: options.accountSid }, /`apiKey` must be a SID: SK/],
    ["a secret as the API key", { apiKey: "canary" }, /`apiKey` must be a SID/],
    ["a missing secret", { apiSecret: "" }, /`apiSecret` .* is missing/],
    ["a missing service", { chatServiceSid: "" }, /`chatServiceSid` must be a SID: IS/],
    ["a missing identity", { identity: "" }, /`identity` .* is missing/],
    ["an identity that is too long", { identity: "x".repeat(257) }, /at most 256 characters; it has 257/],
    ["a lifetime that is too short", { ttl: 179 }, /from 180 \(3 minutes\) to 86400 \(1 day\); received 179/],
    ["a lifetime that is too long", { ttl: 86_401 }, /from 180/],
    ...["evil.example/", "IE1", "ie1.", ""].map((region): [string, object, RegExp] => [
      `the region "${region}"`,
      { region },
      /`region` must consist of/,
    ]),
    ["a fraction of a second", { ttl: 200.5 }, /whole number/],
  ])("refuses %s", (_case, wrong, message) => {
    const make = () => chatToken({ ...options, ...wrong } as ChatTokenOptions);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/canary/);
  });

  it("accepts both limits of the lifetime", () => {
    for (const ttl of [180, 86_400]) expect(chatToken({ ...options, ttl })).toMatch(/^eyJ/);
  });

  it("loads Twilio's library only when it is called", () => {
    const script = `require("./dist/index.js"); console.log(Object.keys(require.cache).filter((path) => /node_modules.(twilio|jsonwebtoken)/.test(path)).length)`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: join(import.meta.dirname, "../.."), encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
  });
});
