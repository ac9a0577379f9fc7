/** Values as they travel between the engine and a provider. */
import { createRequire } from "node:module";
import type { Props } from "../../src/core/lifecycle/props";

// The copy of @pulumi/pulumi: this package does not depend on it directly.
const { Struct } = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"))("google-protobuf/google/protobuf/struct_pb.js");
export const wire = (value: unknown): Props => Struct.deserializeBinary(Struct.fromJavaScript(value).serializeBinary()).toJavaScript();
export const json = <T>(value: T): T => JSON.parse(JSON.stringify(value));
export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

export type Step = "same" | "create" | "update" | "replace" | "delete";

/** What is planned for a resource. */
export interface Plan {
  step: Step;
  readonly deleteBeforeReplace: boolean;
}

/** A check failed before anything was done. */
export class CheckFailed extends Error {
  constructor(readonly failures: readonly { property: string; reason: string }[]) {
    super(failures.map(({ reason }) => reason).join("\n"));
  }
}
