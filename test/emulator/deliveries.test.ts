import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { Deliveries, type Delivery } from "../../src/emulator/webhooks/deliveries";

const REPORT = { accountSid: "AC1", event: "onMessageAdded", scope: "account", target: "webhook", method: "POST", parameters: {} } as const;

/** A receiver that never responds. */
async function open() {
  const received: string[] = [];
  const receiver = createServer((request) => {
    received.push(String(request.url));
    request.resume();
  });
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const deliveries = new Deliveries(
    () => "token",
    () => undefined,
  );
  onTestFinished(async () => {
    deliveries.clear();
    receiver.closeAllConnections();
    await new Promise((closed) => receiver.close(closed));
  });
  const send = (to: string) => deliveries.send({ ...REPORT, url: to }, { responseMs: 10_000 });
  return { deliveries, received, url, send };
}

it("at most 1,000 reports wait for one receiver; the next one fails, and another receiver is not affected", async () => {
  const { url, ...opened } = await open();
  const send = (to: string): Delivery => opened.send(to).delivery;
  const errorsOf = ({ attempts }: Delivery) => attempts.map(({ error }) => error);

  const waiting = Array.from({ length: 1_000 }, () => send(url));
  expect(waiting.flatMap(errorsOf)).toEqual([]);
  expect(errorsOf(send(url))).toEqual(["1000 reports are already queued for this receiver"]);
  expect(errorsOf(send(`${url}/another`))).toEqual([]);
});

it("a report waits for the earlier ones to its receiver, also if still earlier ones were aborted by a reset", async () => {
  const { deliveries, received, url, send } = await open();
  const aborted = send(`${url}/aborted`).done;
  await vi.waitFor(() => expect(received).toEqual(["/aborted"]));
  deliveries.clear();
  const first = `${url}/aborted`;
  send(first);
  await aborted;
  await vi.waitFor(() => expect(received).toHaveLength(2));
  send(first);
  send(`${url}/another`);
  await vi.waitFor(() => expect(received).toContain("/another"));
  expect(received).toEqual(["/aborted", "/aborted", "/another"]);
});

it("the log has the last 1,000 deliveries", async () => {
  const { deliveries, url } = await open();
  const record = () => deliveries.record({ ...REPORT, url });
  const all = Array.from({ length: 1_000 }, record);
  expect(deliveries.entries()).toEqual(all);
  record();
  expect(deliveries.entries()).toHaveLength(1_000);
  expect(deliveries.entries()[0]).toBe(all[1]);
});
