import * as pulumi from "@pulumi/pulumi";
import type { Definition } from "../lifecycle/definition";
import { type Props, topLevel } from "../lifecycle/props";
import { isLater } from "./inspect";

/**
 * The arguments with Pulumi secrets where a property is secret by its nature, whether or not the program says so: errors and logs then do not
 * show them.
 */
export function withSecretInputs({ fields }: Definition, args: Props): Props {
  const given = { ...args };
  for (const property of Object.keys(fields).filter((name) => fields[name]?.type === "secret")) {
    const [group, name] = [topLevel(property), property.slice(topLevel(property).length + 1)];
    const value = given[group];
    if (value === undefined || value === null) continue;
    if (name === "" || isLater(value)) given[group] = pulumi.secret(value);
    else if (typeof value === "object" && (value as Props)[name] !== undefined)
      given[group] = { ...value, [name]: pulumi.secret((value as Props)[name]) };
  }
  return given;
}
