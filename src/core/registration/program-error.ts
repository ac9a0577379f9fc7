import * as pulumi from "@pulumi/pulumi";

/**
 * An error of the program that the engine shows once, without a stack and in its own words. The SDK reports one error object once, however many
 * resources it fails, but writes `error serializing property "…": ` before its message each time: here the message cannot change.
 */
export function programError(message: string): Error {
  const error = Object.defineProperty(new pulumi.RunError(message), "message", { get: () => message, set: () => {} });
  // The SDK formats the stack for its traces even where it does not show it.
  error.stack = "";
  return error;
}

/** A promise whose rejection ends nothing by itself: whatever awaits it fails. Node would report one that nothing awaits yet, and once more later. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The same for an output, all of whose promises reject together. */
export function quietly<T>(output: pulumi.Output<T>): pulumi.Output<T> {
  const { isKnown, isSecret } = output as unknown as Record<"isKnown" | "isSecret", Promise<boolean>>;
  for (const promise of [isKnown, isSecret]) void quiet(promise);
  return output;
}
