import { Ajv } from "ajv";

/** A part of a JSON schema, of an OpenAPI document or of a CRD. */
export type Schema = { readonly [key: string]: unknown };

/** Checks a value and returns what is wrong, with the place of each problem. */
export type Check = (value: unknown) => string[];

/** Compiles a schema for {@link Check}. */
export function compile(schema: Schema): Check {
  // OpenAPI has formats and keywords of its own.
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const unknown = (params as { additionalProperty?: string }).additionalProperty;
      return `${instancePath || "/"} ${message}${unknown === undefined ? "" : `: ${unknown}`}`;
    });
  };
}

/**
 * A copy of a schema as Kubernetes applies it with strict validation of fields: a property that the schema does not name is an error, and a quantity or
 * a port may be a number or a string.
 */
export function strict(schema: Schema): Schema {
  const copy: Record<string, unknown> = { ...schema };
  for (const key of ["properties", "definitions"]) {
    const parts = schema[key] as Record<string, Schema> | undefined;
    if (parts) copy[key] = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, strict(part)]));
  }
  for (const key of ["items", "additionalProperties"]) if (typeof schema[key] === "object") copy[key] = strict(schema[key] as Schema);
  if (schema.properties && schema.additionalProperties === undefined && !schema["x-kubernetes-preserve-unknown-fields"]) {
    copy.additionalProperties = false;
  }
  const isQuantity = typeof schema.description === "string" && schema.description.startsWith("Quantity is ");
  if (isQuantity || schema.format === "int-or-string") copy.type = ["string", "number"];
  return copy;
}
