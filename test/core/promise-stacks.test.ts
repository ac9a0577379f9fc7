import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { skipPromiseStacks } from "../../src/core/registration/promise-stacks";

interface Sdk {
  debuggablePromise(promise: Promise<unknown>, context: string): Promise<unknown>;
}

const sdk = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable") as Sdk;

const { debuggablePromise } = sdk;
beforeEach(() => {
  // Another file of this worker may have declared a resource.
  sdk.debuggablePromise = (promise, context) => debuggablePromise(promise, context);
});
afterEach(() => {
  vi.unstubAllEnvs();
  sdk.debuggablePromise = debuggablePromise;
});

/** The stack trace that the SDK keeps for a promise. */
async function stackOfPromise(): Promise<string> {
  const promise = Promise.resolve();
  await sdk.debuggablePromise(promise, "a test");
  return (promise as unknown as { _debugStackTrace: string })._debugStackTrace;
}

it("the SDK keeps no stack traces of its promises, and errors keep theirs", async () => {
  skipPromiseStacks();
  const { stackTraceLimit } = Error;
  expect(await stackOfPromise()).not.toContain("    at ");
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  expect(new Error("a test").stack).toContain("promise-stacks.test.ts");
  await expect(sdk.debuggablePromise(Promise.reject(new Error("its own")), "a test")).rejects.toThrow("its own");
});

it("with PULUMI_DEBUG_PROMISE_LEAKS, the SDK keeps them", async () => {
  vi.stubEnv("PULUMI_DEBUG_PROMISE_LEAKS", "true");
  skipPromiseStacks();
  expect(await stackOfPromise()).toContain("    at ");
});
