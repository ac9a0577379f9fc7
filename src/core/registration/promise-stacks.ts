/** The SDK's module that keeps a stack trace for each of its promises. */
interface Debuggable {
  debuggablePromise?: (promise: unknown, context: unknown) => unknown;
}

const shortened = new WeakSet<object>();

/**
 * Spares the SDK the stack traces that it takes for its promises: dozens for each resource, and where source maps are in use, each is mapped.
 * It prints them only with PULUMI_DEBUG_PROMISE_LEAKS, which keeps them. No error of a program is made here, so all keep their stack traces.
 */
export function skipPromiseStacks(): void {
  if (process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  const sdk = debuggable();
  const { debuggablePromise } = sdk;
  if (debuggablePromise === undefined || shortened.has(sdk)) return;
  shortened.add(sdk);
  sdk.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/** The module, which is not part of the SDK's API: a version without it takes its stack traces. */
function debuggable(): Debuggable {
  try {
    return require("@pulumi/pulumi/runtime/debuggable") as Debuggable;
  } catch {
    return {};
  }
}
