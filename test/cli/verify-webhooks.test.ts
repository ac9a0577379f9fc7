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

/** What a conversation's messaging service and its number report to. */
function accountOf(objects: Readonly<Record<string, object>>): { twilio: Twilio; paths: string[] } {
  const paths: string[] = [];
  const twilio = {
    accountSid: `AC${"1".repeat(32)}`,
    send: async ({ path }: { path: string }) => {
      paths.push(path);
      return Object.entries(objects).find(([end]) => path.endsWith(end))?.[1];
    },
    async *list(_request: object, key: string) {
      if (key === "participants") yield { messaging_binding: { proxy_address: "+14155550100" } };
    },
  } as unknown as Twilio;
  return { twilio, paths };
}
const conversation = `CH${"1".repeat(32)}`;
const service = `MG${"1".repeat(32)}`;
const app = `AP${"1".repeat(32)}`;
const faultsOf = (objects: Readonly<Record<string, object>>) =>
  webhooksRespond({ twilio: accountOf(objects).twilio, serviceSid, conversationSids: [conversation], isPublic: false }).catch(
    (error: Error) => error.message,
  );

it("the webhooks of a conversation's messaging service are checked, and those that the numbers replace are not", async () => {
  const urls = { inbound_request_url: `${dead}/in`, fallback_url: `${dead}/fallback`, status_callback: `${dead}/status` };
  const of = (flag: boolean) =>
    faultsOf({ [conversation]: { messaging_service_sid: service }, [service]: { ...urls, use_inbound_webhook_on_number: flag } });
  expect(await of(false)).toMatch(
    new RegExp(
      `inbound webhook of ${service} .*/in\\).*inbound fallback of ${service} .*/fallback\\).*status callback of ${service} .*/status\\)`,
    ),
  );
  const byNumber = await of(true);
  expect(byNumber).toContain(`the status callback of ${service}`);
  expect(byNumber).not.toMatch(/inbound (webhook|fallback)/);
});

it("a number's TwiML app is checked instead of its URLs", async () => {
  const number = { sms_url: `${dead}/number`, sms_application_sid: app };
  const found = await faultsOf({
    "/IncomingPhoneNumbers.json": { incoming_phone_numbers: [number] },
    [`/Applications/${app}.json`]: { sms_url: `${dead}/app`, sms_fallback_url: null, voice_url: `${dead}/voice` },
  });
  expect(found).toContain(`the SMS webhook of TwiML app ${app} (`);
  expect(found).toContain("/app)");
  expect(found).not.toMatch(/\/(number|voice)\)/);
});

it("an account that has none of these reads no messaging service and no TwiML app", async () => {
  const { twilio, paths } = accountOf({ [conversation]: {} });
  await webhooksRespond({ twilio, serviceSid, conversationSids: [conversation], isPublic: false });
  expect(paths.filter((path) => /MG|Applications/.test(path))).toEqual([]);
});
