/** The JSON schema of a data file, for editors. */
import { KINDS, type Kind } from "./kinds";
import { type Property, TYPES } from "./property";

interface Schema {
  [keyword: string]: unknown;
  properties?: Record<string, Schema>;
}

/** `GET /_emulator/data/schema`. */
export function dataSchema(): object {
  const sections = Object.entries(KINDS).map(([section, kind]) => {
    const object = objectSchema(kind);
    return [
      section,
      kind.isSingle ? object : { type: "object", description: `Each ${kind.one} by its name.`, additionalProperties: object },
    ];
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Data of the Twilio emulator",
    type: "object",
    additionalProperties: false,
    properties: { $schema: { type: "string" }, ...Object.fromEntries(sections) },
  };
}

function objectSchema({ properties, one }: Kind): Schema {
  const root: Schema = { type: "object", description: `A ${one}.`, additionalProperties: false, properties: {} };
  for (const [name, property] of Object.entries(properties)) {
    const [key, group] = name.split(".").reverse() as [string, string | undefined];
    let object = root;
    if (group !== undefined) {
      root.properties = { [group]: { type: "object", additionalProperties: false, properties: {} }, ...root.properties };
      object = root.properties[group] as Schema;
    }
    object.properties = { ...object.properties, [key]: schemaOf(property) };
  }
  const required = Object.entries(properties).flatMap(([name, property]) => (property.required ? [name] : []));
  return required.length === 0 ? root : { ...root, required };
}

function schemaOf({ type, about, values }: Property): Schema {
  const { schema } = TYPES[type];
  if (values === undefined) return { ...schema, description: about };
  return { ...schema, ...(type === "texts" ? { items: { enum: values } } : { enum: values }), description: about };
}
