import type { Body, Definition, Props } from "../../core/lifecycle/definition";
import { get, set } from "../../core/lifecycle/props";
import { formKey, fromBody } from "../../core/lifecycle/wire";

/** What a program declares of an object: what differs from Twilio's defaults, as far as the resource takes it. `unwanted` properties are not. */
export function argsOf(
  definition: Definition,
  body: Body,
  unwanted: Props,
): { args: Props; refused: [property: string, reason: string][] } {
  const args: Props = {};
  const refused: [string, string][] = [];
  for (const [property, field] of Object.entries(definition.fields)) {
    if (unwanted[property] || formKey(property, field) === false || field.from === false) continue;
    if (field.type === "json") {
      const { object, reason } = attributesOf(get(body, property));
      if (object && Object.keys(object).length > 0) args[property] = object;
      if (reason) refused.push([property, reason]);
      continue;
    }
    const value = fromBody(property, field, body);
    if (value === undefined || String(value) === field.cleared) continue;
    if (field.format?.(value) === undefined) set(args, property, value);
    else refused.push([property, "the resource does not take what it is"]);
  }
  return { args, refused };
}

// What does not pass an object in JavaScript, or Pulumi's engine, as it is.
const unsafe = /"(__proto__|__pulumi\w*|4dabf18193072939515e22adb298388d|04da6b54-80e4-46f7-96ec-b56ff0331ba9)"/;

/** Attributes as an object. Of one that the program does not declare, Twilio's stay as they are, key by key. */
function attributesOf(text: unknown): { object?: Props; reason?: string } {
  const value = parsed(text);
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) return { reason: "they are JSON, but no object" };
  const entries = Object.entries(value);
  const safe = entries.filter(([key, entry]) => !unsafe.test(JSON.stringify({ [key]: entry })));
  const object = Object.fromEntries(safe);
  return safe.length === entries.length ? { object } : { object, reason: "some keys cannot be declared" };
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text ?? "null"));
  } catch {
    return "no JSON";
  }
}
