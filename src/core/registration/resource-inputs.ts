import * as pulumi from "@pulumi/pulumi";
import type { Definition, Field } from "../lifecycle/definition";
import { lastSid, type Props } from "../lifecycle/props";
import { isLater } from "./inspect";
import { namedBy } from "./own-outputs";
import { labelOf, wrongResource } from "./program-check";
import { programError, quietly } from "./program-error";

/** The arguments with ids or SIDs in place of resources, also of resources that are the values of outputs or promises. */
export function resourceInputs(definition: Definition, name: string, args: Props): Props {
  const given = { ...args };
  for (const [property, field] of Object.entries(definition.fields)) {
    const value = given[property];
    if (!takesResource(field) || value === undefined) continue;
    if (pulumi.CustomResource.isInstance(value)) given[property] = standsFor(field, value);
    // The id or the SID of a resource of this package is a string; another output for each is a millisecond.
    else if (isLater(value) && namedBy(value) === undefined) given[property] = resolved(definition, name, property, value);
  }
  return given;
}

const takesResource = ({ parent, reference }: Field): boolean => parent !== undefined || reference?.output === "sid";

const standsFor = ({ parent }: Field, { id }: pulumi.CustomResource): pulumi.Output<string> => (parent ? id : id.apply(lastSid));

function resolved(definition: Definition, name: string, property: string, later: unknown): pulumi.Output<unknown> {
  const field = definition.fields[property] as Field;
  const value = pulumi.all([later]).apply(([known]): unknown => {
    if (!pulumi.CustomResource.isInstance(known)) return known;
    const problem = wrongResource(property, field, known);
    if (problem) throw programError(`${labelOf(definition, name)}: ${problem.property} ${problem.reason}`);
    return standsFor(field, known);
  });
  return quietly(value);
}
