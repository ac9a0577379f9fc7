import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { backendAddress } from "../process/backend";

let known: string | undefined;

/**
 * A digest of the organization and the backend, which a URN does not contain: two backends may each have a stack of the same name. Empty where
 * neither is known. Nothing is asked over the network.
 */
export function place(): string {
  known ??= digestOf(organization(), backendAddress({ env: process.env, cwd: process.cwd() }));
  return known;
}

function digestOf(organization: string | undefined, backend = ""): string {
  // Only an engine names the organization; a program under test has the same names on every machine.
  if (organization === undefined) return "";
  return createHash("sha256")
    .update(JSON.stringify([organization, backend]))
    .digest("hex")
    .slice(0, 16);
}

function organization(): string | undefined {
  try {
    return pulumi.getOrganization();
  } catch {
    return undefined;
  }
}
