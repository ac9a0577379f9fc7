import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { useEmulator } from "./support/emulator";
import { RawSdk } from "./support/raw-sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);
const fault = (rule: object) => twilio.control.ok("POST", "faults", rule);
const acted = async () => ((await twilio.control.ok("GET", "faults")).faults as { acted: number }[]).map(({ acted }) => acted);
const closed = (client: RawSdk) => client.waitFor((_, isClosed) => (isClosed ? true : undefined));

describe("faults of the SDK's traffic", () => {
  const messages = async () => (await sdk.conversation().messages.list()).map(({ body }) => body);
  const send = (client: RawSdk, body: string) => client.call("POST", sdk.path("/Messages"), { body });

  it("return an error, of which nothing is executed, for a path, a template or a host", async () => {
    await sdk.conversation().participants.create({ identity: "pineapple" });
    const client = await sdk.signIn("pineapple");
    for (const path of [sdk.path("/Messages"), "/Client/v2/Conversations/{Sid}/Messages", "/aim.us1.twilio.com/*/Messages"]) {
      await fault({ method: "POST", path, status: 429, retryAfter: 1, times: 1 });
      expect(await send(client, "refused"), path).toMatchObject({ status: 429, code: 20429 });
      expect((await send(client, path)).status).toBeLessThan(300);
    }
    expect(await acted()).toEqual([1, 1, 1]);
    expect(await messages()).toHaveLength(3);
    const { requests } = await twilio.control.ok("GET", "requests");
    expect((requests as { isFault: boolean; status: number }[]).filter(({ isFault }) => isFault).map(({ status }) => status)).toEqual([
      429, 429, 429,
    ]);
  });

  it("close the connection before or after the request is executed", async () => {
    await sdk.conversation().participants.create({ identity: "pineapple" });
    for (const [drop, expected] of [
      ["before", []],
      ["after", ["after"]],
    ] as const) {
      const client = await sdk.signIn("pineapple");
      await fault({ method: "POST", path: "*/Messages", drop, times: 1 });
      void send(client, drop).catch(() => undefined);
      await closed(client);
      expect(await messages()).toEqual(expected);
    }
  });

  it("refuse or close a new connection, and leave those alone whose rule is about something else", async () => {
    await fault({ path: "/v3/wsconnect", status: 503, times: 1 });
    await fault({ path: "/v3/wsconnect", nth: 2, drop: "before" });
    await fault({ path: "*/Messages", body: "html" });
    await expect(RawSdk.open(twilio.emulator)).rejects.toThrow("503");
    await expect(RawSdk.open(twilio.emulator)).rejects.toThrow(/socket hang up|ECONNRESET/);
    await sdk.conversation().participants.create({ identity: "pineapple" });
    const client = await sdk.signIn("pineapple");
    expect((await send(client, "a body fault is about REST only")).status).toBeLessThan(300);
    expect(await acted()).toEqual([1, 1, 0]);
  });
});

describe("tokens and an advanced clock", () => {
  const isAccepted = async (token: string) => {
    const { header } = await (await RawSdk.open(twilio.emulator)).init(token);
    return header.status?.code === 200;
  };
  const advance = (seconds: number) => twilio.control.ok("POST", "clock", { advanceSeconds: seconds });
  /** A token that was created some seconds ago, as the signer's clock has it. */
  function tokenOf(secondsAgo: number, ttl: number): string {
    const [head, body = ""] = sdk.token("pineapple").split(".");
    const iat = Math.floor(Date.now() / 1000) - secondsAgo;
    const claims = { ...(JSON.parse(Buffer.from(body, "base64url").toString()) as object), iat, exp: iat + ttl };
    const signed = `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
    return `${signed}.${createHmac("sha256", twilio.emulator.apiSecret).update(signed).digest("base64url")}`;
  }

  it("expire with the time that passes after their creation, and not with the time before", async () => {
    const old = tokenOf(5, 3600);
    await advance(86_400);
    expect(await isAccepted(old)).toBe(false);
    expect(await isAccepted(sdk.token("pineapple"))).toBe(true);
    expect(await isAccepted(tokenOf(5, 90_000))).toBe(false);
    // Real time makes a token older as well.
    expect(await isAccepted(tokenOf(700, 600))).toBe(false);
    // A signer that follows the emulator's clock.
    expect(await isAccepted(tokenOf(-86_400, 600))).toBe(true);
  });

  it("close their connections when the time passes", async () => {
    const client = await sdk.signIn("pineapple");
    await advance(86_400);
    await closed(client);
    const later = await sdk.signIn("pineapple");
    expect(await later.call("GET", "/Client/v2/Configuration")).toMatchObject({ status: 200 });
    await advance(3601);
    await closed(later);
  });

  it("DELETE returns to the machine's time; timers keep their remaining time", async () => {
    const created = await sdk.service().conversations.create({ state: "active", "timers.inactive": "PT10M" });
    const left = async () => {
      const { timers } = await sdk.service().conversations(created.sid).fetch();
      const { now } = await twilio.control.ok("GET", "clock");
      return Math.round((Date.parse(timers.date_inactive) - Date.parse(now as string)) / 1000);
    };
    const away = async () => {
      const { now } = await twilio.control.ok("GET", "clock");
      return Math.abs(Date.parse(now as string) - Date.now());
    };
    await advance(300);
    await twilio.control.ok("POST", "clock", { skewSeconds: 50 });
    expect(await twilio.control.ok("GET", "clock")).toMatchObject({ advancedSeconds: 300, skewSeconds: 50 });
    const before = await left();
    expect(await twilio.control.ok("DELETE", "clock")).toMatchObject({ advancedSeconds: 0, skewSeconds: 0 });
    expect(await away()).toBeLessThan(5000);
    expect(Math.abs((await left()) - before)).toBeLessThanOrEqual(2);
    expect(await isAccepted(tokenOf(5, 3600))).toBe(true);
  });
});
