import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { Deliveries, type Delivery } from "../../src/emulator/webhooks/deliveries";

it("at most 1,000 reports wait for one receiver; the next one fails, and another receiver is not affected", async () => {
  const receiver = createServer((request) => request.resume());
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
  const report = { accountSid: "AC1", event: "onMessageAdded", scope: "account", target: "webhook", method: "POST" } as const;
  const send = (to: string): Delivery => deliveries.send({ ...report, url: to, parameters: {} }, { responseMs: 10_000 }).delivery;
  const errorsOf = ({ attempts }: Delivery) => attempts.map(({ error }) => error);

  const waiting = Array.from({ length: 1_000 }, () => send(url));
  expect(waiting.flatMap(errorsOf)).toEqual([]);
  expect(errorsOf(send(url))).toEqual(["1000 reports are already queued for this receiver"]);
  expect(errorsOf(send(`${url}/another`))).toEqual([]);
});
