/** A proxy for the emulator that answers the purchase of an owned number as Twilio is reported to: 201, after an update of that number. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface UpdatingProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the proxy. It holds purchases until two are waiting or a second has passed, so that two stacks meet. */
export async function updatingProxy(target: string): Promise<UpdatingProxy> {
  const meet = meetingPoint();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const isPurchase = request.method === "POST" && request.url?.endsWith("/IncomingPhoneNumbers.json");
    if (isPurchase) await meet();
    let reply = await forward(target, request, body);
    if (isPurchase && reply.status === 400 && reply.text.includes("21422")) reply = (await update(target, request, body)) ?? reply;
    response.writeHead(reply.status, { "content-type": "application/json", date: new Date().toUTCString() }).end(reply.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve()) && server.closeAllConnections()),
  };
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function forward(
  target: string,
  { method, url, headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  body: Buffer | string,
): Promise<Reply> {
  const { authorization = "", "content-type": type = "application/x-www-form-urlencoded" } = headers;
  const response = await fetch(target + url, {
    method: method as string,
    headers: { authorization, "content-type": type },
    ...(body.length > 0 ? { body } : {}),
  });
  return { status: response.status, text: await response.text() };
}

/** Carries the purchase out as an update of the number that the account owns. */
async function update(target: string, { url, headers }: IncomingMessage, body: Buffer): Promise<Reply | undefined> {
  const form = new URLSearchParams(body.toString());
  const query = new URLSearchParams({ PhoneNumber: form.get("PhoneNumber") as string });
  const { text } = await forward(target, { method: "GET", url: `${url}?${query}`, headers }, "");
  const [owned] = JSON.parse(text).incoming_phone_numbers as { sid: string }[];
  if (!owned) return undefined;
  form.delete("PhoneNumber");
  const path = url?.replace(/\.json$/, `/${owned.sid}.json`);
  return { ...(await forward(target, { method: "POST", url: path, headers }, form.toString())), status: 201 };
}

/** Each visitor waits for another one, at most for a second. */
function meetingPoint(): () => Promise<void> {
  let leave: (() => void) | undefined;
  return () => {
    if (leave) {
      leave();
      leave = undefined;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        leave = undefined;
        resolve();
      }, 1000);
      leave = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };
}
