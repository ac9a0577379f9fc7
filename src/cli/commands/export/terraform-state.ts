import { readFileSync } from "node:fs";
import type { Props } from "../../../core/lifecycle/props";
import { UsageError } from "../../../core/twilio/errors";
import type { Body } from "../../../core/twilio/twilio";

/** A resource of a Terraform state. */
export interface TerraformObject {
  readonly type: string;
  /** Module, name and index. */
  readonly name: string;
  readonly attributes: Body;
}

/** The Twilio resources in the file of a Terraform state. */
export function readTerraformState(path: string): TerraformObject[] {
  let state: { version?: number; resources?: Props[] };
  try {
    state = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as a Terraform state: ${(error as Error).message}`);
  }
  if (state.version !== 4 || !Array.isArray(state.resources)) {
    throw new UsageError(`${path} is not a Terraform state of version 4, which \`terraform state pull\` of 0.12 and newer prints.`);
  }
  return state.resources
    .filter(({ mode, type }) => mode === "managed" && String(type).startsWith("twilio_"))
    .flatMap(({ type, name, module, instances }) =>
      (instances as { index_key?: unknown; attributes: Body }[]).map(({ index_key, attributes }) => ({
        type: String(type),
        name: [String(module ?? "").replace(/(^|\.)module\./g, "$1"), name, index_key].filter((part) => (part ?? "") !== "").join("-"),
        attributes,
      })),
    );
}
