import * as pulumi from "@pulumi/pulumi";

/** Writes a line into the engine's display. */
export type Log = (severity: "info" | "warn" | "debug", message: string, urn?: string) => void;

/** Where the engine listens: the last argument of the plugin that runs dynamic providers, after those that --logflow passes on. */
export const engineAddress = (): string | undefined => process.argv.slice(2).at(-1);

/**
 * Writes into the engine's display, under the resource that a URN names. The plugin receives the engine's address and does not pass it on to
 * the SDK's logger.
 */
export const engineLog: Log = (severity, message, urn) => {
  const { getStore } = require("@pulumi/pulumi/runtime/state") as Internals;
  const { options } = getStore().settings;
  options.engineAddr ||= engineAddress();
  if (!options.engineAddr) return;
  const resource = urn === undefined ? undefined : ({ urn: pulumi.output(urn) } as unknown as pulumi.Resource);
  void pulumi.log[severity](message, resource);
};

// Exported by the SDK, but kept out of its types.
interface Internals {
  getStore(): { settings: { options: { engineAddr?: string | undefined } } };
}
