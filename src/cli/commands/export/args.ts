import type { Definition } from "../../../core/lifecycle/definition";
import { isOfOtherGroup, liveGroup } from "../../../core/lifecycle/groups";
import type { Props } from "../../../core/lifecycle/props";
import { get, set } from "../../../core/lifecycle/props";
import { formKey, liveValue } from "../../../core/lifecycle/wire";
import type { Body } from "../../../core/twilio/twilio";
import { unreadSecret } from "./secret-values";

/** The arguments that declare an object, and the properties that cannot be declared. */
export interface DeclaredArgs {
  readonly args: Props;
  readonly refused: readonly (readonly [property: string, why: string])[];
}

/** The arguments that declare an object: what differs from Twilio's defaults, without the `omitted` properties. */
export function argsOf(definition: Definition, body: Body, omitted: ReadonlySet<string>): DeclaredArgs {
  const args: Props = {};
  const refused: [string, string][] = [];
  for (const [property, field] of Object.entries(definition.fields)) {
    const isSent = formKey(property, field) !== false || field.type === "empty";
    if (field.type === "secret" && !isOfOtherGroup(definition, property, liveGroup(definition, body))) set(args, property, unreadSecret);
    if (omitted.has(property) || !isSent || field.from === false) continue;
    if (field.type === "json") {
      const { object, why } = attributesOf(get(body, property));
      if (object && Object.keys(object).length > 0) args[property] = object;
      if (why) refused.push([property, why]);
      continue;
    }
    const value = liveValue(definition, property, body);
    if (value === undefined || String(value) === field.cleared) continue;
    if (field.format?.(value) === undefined) set(args, property, value);
    else refused.push([property, "the resource does not accept the value"]);
  }
  return { args, refused };
}

// Keys and values that a JavaScript object, or Pulumi's engine, does not pass through unchanged.
const unsafe = /"(__proto__|__pulumi\w*|4dabf18193072939515e22adb298388d|04da6b54-80e4-46f7-96ec-b56ff0331ba9)"/;

/** Attributes as an object, without the keys that cannot be declared; those stay at Twilio as they are. */
function attributesOf(text: unknown): { object?: Props; why?: string } {
  const value = parsed(text);
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) return { why: "they are JSON, but not an object" };
  const entries = Object.entries(value);
  const safe = entries.filter(([key, entry]) => !unsafe.test(JSON.stringify({ [key]: entry })));
  const object = Object.fromEntries(safe);
  return safe.length === entries.length ? { object } : { object, why: "some keys cannot be declared" };
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text ?? "null"));
  } catch {
    return "not JSON";
  }
}
