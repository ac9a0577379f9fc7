import * as pulumi from "@pulumi/pulumi";
import { placeFinder } from "../process/backend";

/** The organization of the stack; `undefined` without an engine, so that a program under test has the same names on every machine. */
export function organization(): string | undefined {
  try {
    return pulumi.getOrganization();
  } catch {
    return undefined;
  }
}

const placeOf = placeFinder({ env: process.env, cwd: process.cwd() });

/** The digest of the organization and the backend for the stack of this program. */
export const place = (): string => placeOf(organization());
