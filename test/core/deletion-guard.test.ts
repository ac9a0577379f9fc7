import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it } from "vitest";
import { guardDeletions } from "../../src/core/registration/deletion-guard";
import { run } from "../support/mock-run";

type Callback = (error: { code: number } | null) => void;
interface Monitor {
  signalAndWaitForShutdown?: ((request: unknown, callback: Callback) => void) | undefined;
}

let monitor: Monitor;
beforeEach(async () => {
  await run();
  monitor = pulumi.runtime.getMonitor() as Monitor;
});

it("the engine gets the program's signal once, as long as the program has no errors", async () => {
  const signals: unknown[] = [];
  monitor.signalAndWaitForShutdown = (request, callback) => {
    signals.push(request);
    callback(null);
  };
  guardDeletions();
  guardDeletions();
  expect(await new Promise((resolve) => monitor.signalAndWaitForShutdown?.("declared", resolve))).toBe(null);
  expect(signals).toEqual(["declared"]);
});

it("an SDK whose engine has no such signal finds none", () => {
  monitor.signalAndWaitForShutdown = undefined;
  guardDeletions();
  expect(monitor.signalAndWaitForShutdown).toBeUndefined();
});
