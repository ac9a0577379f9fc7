import { delimiter, dirname, join } from "node:path";
import { inject } from "vitest";

/** A PATH on which the engine finds itself and the stand-in for Pulumi's command plugin. */
export const pathWithCommandPlugin = (): string =>
  [join(import.meta.dirname, "plugins"), inject("engine"), dirname(process.execPath), process.env.PATH].join(delimiter);
