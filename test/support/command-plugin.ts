import { delimiter, dirname, join } from "node:path";
import { inject } from "vitest";

/** A PATH with the engine and with the replacement for Pulumi's command plugin. */
export const pathWithCommandPlugin = (): string =>
  [join(import.meta.dirname, "plugins"), inject("engine"), dirname(process.execPath), process.env.PATH].join(delimiter);
