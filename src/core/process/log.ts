import * as pulumi from "@pulumi/pulumi";

/** Writes a line into the engine's display, under the resource with the URN, otherwise under the stack. */
export type Log = (severity: "info" | "warn" | "debug", message: string, urn?: string) => void;

/** The engine's address: the last argument of the plugin that runs dynamic providers, after the arguments that --logflow adds. */
export const engineAddress = (): string | undefined => process.argv.slice(2).at(-1);

/** Writes into the engine's display. The plugin receives the engine's address but does not pass it to the SDK's logger. */
export const engineLog: Log = (severity, message, urn) => {
  const { getStore } = require("@pulumi/pulumi/runtime/state") as Internals;
  const { options } = getStore().settings;
  options.engineAddr ||= engineAddress();
  if (!options.engineAddr) return;
  const resource = urn === undefined ? undefined : ({ urn: pulumi.output(urn) } as unknown as pulumi.Resource);
  void pulumi.log[severity](message, resource);
};

// The SDK exports this function without declaring it in its types.
interface Internals {
  getStore(): { settings: { options: { engineAddr?: string | undefined } } };
}
