import * as pulumi from "@pulumi/pulumi";
import { placeOf } from "../process/backend";

/** The organization of the stack; `undefined` without an engine, so that a program under test has the same names on every machine. */
export function organization(): string | undefined {
  try {
    return pulumi.getOrganization();
  } catch {
    return undefined;
  }
}

let known: string | undefined;

/** The digest of {@link placeOf} for the stack of this program. */
export function place(): string {
  known ??= placeOf(organization(), { env: process.env, cwd: process.cwd() });
  return known;
}
