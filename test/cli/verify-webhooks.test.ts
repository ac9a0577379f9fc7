import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { webhooksRespond } from "../../src/cli/commands/verify/webhooks";
import type { Twilio } from "../../src/core/twilio/twilio";

const serviceSid = `IS${"1".repeat(32)}`;
const dead = "http://127.0.0.1:1/dead";

/** Checks an account whose post-webhook responds with this status. None of its address configurations creates conversations in the service. */
async function check(status: number): Promise<string> {
  const server = createServer((_request, response) => void response.writeHead(status).end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const addresses = [
    { address: "+15550000001", auto_creation: { enabled: false, webhook_url: dead } },
    { address: "+15550000002", auto_creation: { enabled: true, webhook_url: dead, conversation_service_sid: `IS${"2".repeat(32)}` } },
  ];
  const twilio = {
    accountSid: `AC${"1".repeat(32)}`,
    send: async ({ path }: { path: string }) => (path === "/v1/Configuration/Webhooks" ? { post_webhook_url: url } : undefined),
    async *list(_request: object, key: string) {
      if (key === "address_configurations") yield* addresses;
    },
  } as unknown as Twilio;
  return webhooksRespond({ twilio, serviceSid, conversationSids: [], isPublic: false });
}

it.each([200, 405, 501])(
  "a webhook that answers HEAD with %i responds; those that no event of the service calls are not checked",
  async (status) => {
    expect(await check(status)).toMatch(/^the account's post-webhook \(http:\/\/127\.0\.0\.1:\d+\/hook\) respond to this machine$/);
  },
);

it("a webhook that answers with a server error is a fault", async () => {
  await expect(check(500)).rejects.toThrow("responds with HTTP 500");
});
