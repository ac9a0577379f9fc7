import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { ALICE, useEmulator } from "./support/emulator";
import {
  clientWith,
  collectMessages,
  nextEvent,
  openConversation,
  SDKS,
  type Sdk,
  signIn,
  tokenFor,
  waitUntilInitialized,
} from "./support/sdk";
import { createSupportConversation, type SupportConversation } from "./support/support-conversation";

const twilio = useEmulator();

describe.each(SDKS)("%s", (sdk) => {
  let support: SupportConversation;

  beforeEach(async () => {
    support = await createSupportConversation(twilio);
  });

  const signInAs = (identity = "pineapple") => signIn(sdk, twilio.emulator, { identity, serviceSid: support.serviceSid });

  it("accepts a new token for the same user, but not for another user", async () => {
    const client = await signInAs();
    await client.updateToken(tokenFor(twilio.emulator, { identity: "pineapple", serviceSid: support.serviceSid, ttl: 7200 }));
    expect(client.connectionState).toBe("connected");
    await expect(client.updateToken(tokenFor(twilio.emulator, { identity: "mango", serviceSid: support.serviceSid }))).rejects.toThrow();
  });

  it("fails to connect with a wrongly signed token", async () => {
    const token = tokenFor(twilio.emulator, { identity: "pineapple", serviceSid: support.serviceSid, apiSecret: "f".repeat(32) });
    const client = await clientWith(sdk, twilio.emulator, token);
    const error = await nextEvent<{ terminal: boolean; httpStatusCode: number; errorCode: number }>(client, "connectionError");
    expect(error).toMatchObject({ terminal: true, httpStatusCode: 401, errorCode: 20107 });
  });

  it("receives events before and after the token expires", async () => {
    const token = tokenFor(twilio.emulator, { identity: "pineapple", serviceSid: support.serviceSid, ttl: 200 });
    const client = await clientWith(sdk, twilio.emulator, token);
    await waitUntilInitialized(client);
    const aboutToExpire = nextEvent<void>(client, "tokenAboutToExpire");
    const expired = nextEvent<void>(client, "tokenExpired");
    await twilio.control.advance(100);
    await aboutToExpire;
    await twilio.control.advance(150);
    await expired;
  });

  it("takes the user offline on shutdown", async () => {
    await support.service.configuration().update({ reachabilityEnabled: true });
    const client = await signInAs();
    expect(await support.service.users("pineapple").fetch()).toMatchObject({ isOnline: true });
    await client.shutdown();
    await vi.waitFor(async () => expect(await support.service.users("pineapple").fetch()).toMatchObject({ isOnline: false }));
  });

  it("receives all changes from a connection loss after it reconnects", async () => {
    const { proxy, client } = await signInThroughProxy(sdk, support.serviceSid);
    const hello = await openConversation(client, support.sid);
    const received = collectMessages(hello);
    await support.conversation.messages.create({ author: ALICE, body: "before" });
    await received.waitFor(1);
    proxy.disconnect();
    await nextEvent(client, "connectionStateChanged", (state) => state !== "connected");
    for (const body of ["meanwhile", "deleted"]) await support.conversation.messages.create({ author: ALICE, body });
    const [deleted] = await support.conversation.messages.list({ order: "desc", limit: 1 });
    await support.conversation.messages(deleted?.sid ?? "").remove();
    await support.conversation.participants.create({ identity: "mango" });
    proxy.restore();
    await received.waitFor(2);
    await support.conversation.messages.create({ author: ALICE, body: "after" });
    await received.waitFor(3);
    expect(received.bodies).toEqual(["before", "meanwhile", "after"]);
    expect((await hello.getParticipants()).map(({ identity }) => identity ?? null)).toContain("mango");
  });

  it("reconnects after the emulator restarts with the same state", async () => {
    const stateDir = await mkdtemp(join(tmpdir(), "sdk-"));
    onTestFinished(() => rm(stateDir, { recursive: true, force: true }));
    const first = await startEmulator({ stateDir });
    const { conversations } = connect(first);
    const { defaultChatServiceSid } = await conversations.configuration().fetch();
    const { sid } = await conversations.conversations.create({ friendlyName: "Persistent" });
    await conversations.conversations(sid).participants.create({ identity: "pineapple" });
    const client = await signIn(sdk, first, { identity: "pineapple", serviceSid: defaultChatServiceSid });
    const conversation = await openConversation(client, sid);
    const received = collectMessages(conversation);
    await conversations.conversations(sid).messages.create({ body: "before" });
    await received.waitFor(1);
    await first.close();
    const port = Number(new URL(first.url).port);
    const second = await startEmulator({ stateDir, port });
    // Shut the SDK down first: without the emulator it would try to reconnect.
    onTestFinished(async () => {
      await client.shutdown().catch(() => {});
      await second.close();
    });
    const again = connect(second).conversations.conversations(sid);
    // The HTTP client may still reuse a connection to the first emulator.
    await vi.waitFor(() => again.fetch());
    await again.messages.create({ body: "after the restart" });
    await received.waitFor(2);
    await conversation.sendMessage("still here");
    await received.waitFor(3);
    expect(received.bodies).toEqual(["before", "after the restart", "still here"]);
  });
});

/** Signs in through a proxy whose connections can be interrupted. */
async function signInThroughProxy(sdk: Sdk, serviceSid: string) {
  const sockets = new Set<Socket>();
  let isDisconnected = false;
  const server = createServer((inward) => {
    if (isDisconnected) {
      inward.destroy();
      return;
    }
    const outward = createConnection(Number(new URL(twilio.emulator.url).port), "127.0.0.1");
    for (const [from, to] of [[inward, outward] as const, [outward, inward] as const]) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = await clientWith(sdk, { url }, tokenFor(twilio.emulator, { identity: "pineapple", serviceSid }));
  await waitUntilInitialized(client);
  const proxy = {
    disconnect: () => {
      isDisconnected = true;
      for (const socket of sockets) socket.destroy();
    },
    restore: () => {
      isDisconnected = false;
    },
  };
  return { proxy, client };
}
