/** Starts the HTTP edge without an emulator, for settings that `startEmulator` does not offer. */
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { Background } from "../../../src/emulator/background";
import type { Clock } from "../../../src/emulator/clock";
import { CallCounter } from "../../../src/emulator/control/calls";
import { Faults } from "../../../src/emulator/control/faults";
import { History } from "../../../src/emulator/control/history";
import { createDomain } from "../../../src/emulator/create-domain";
import { createEdge } from "../../../src/emulator/http/server";
import { ContentsInMemory } from "../../../src/emulator/media-contents";
import { Snapshots } from "../../../src/emulator/snapshots/snapshots";
import { SnapshotsInMemory } from "../../../src/emulator/snapshots/storage";
import { Webhooks } from "../../../src/emulator/webhooks/webhooks";

/** Serves a new account until the test finishes. */
export async function serveEdge({ requestTimeoutMs, clock }: { requestTimeoutMs?: number; clock?: Clock } = {}) {
  const domain = createDomain({ clock });
  domain.initialize();
  const background = new Background(domain);
  const webhooks = new Webhooks(domain);
  const parts = {
    domain,
    background,
    webhooks,
    calls: new CallCounter(),
    faults: new Faults(),
    history: new History(domain.events),
    contents: new ContentsInMemory(),
    about: () => ({ url: "" }),
  };
  const context = { ...parts, snapshots: new Snapshots(parts, new SnapshotsInMemory(parts.contents)) };
  const server = createEdge(context, { latencyMs: 0, requestTimeoutMs });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    background.stop();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });
  const { accountSid, authToken } = domain.credentials;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, domain, authorization };
}
