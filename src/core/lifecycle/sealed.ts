import { createHash } from "node:crypto";
import { UsageError } from "../twilio/errors";
import type { Definition } from "./definition";
import { get, isUnknown, type Props, set } from "./props";

/**
 * The secrets that this process may send, by their digests. The engine checks each resource in the process that creates or updates it, so the
 * inputs, and with them the state, hold digests alone.
 */
const sent = new Map<string, string>();

const pattern = /^sha256:([\w-]{16}):[\w-]{43}$/;

/** Whether a text is a digest in place of a secret. */
const isSealed = (value: unknown): value is string => typeof value === "string" && pattern.test(value);

/** Whether the engine passes a digest of the state as what the program declares, as `ignoreChanges` makes it. */
export const isKeptSeal = (before: unknown, after: unknown): boolean => isSealed(after) && before === after;

const hash = (text: string) => createHash("sha256").update(text).digest("base64url");

/** The digest of a secret. The salt of the former digest shows whether the secret is still the same. */
function seal(text: string, salt: string): string {
  const sealed = `sha256:${salt}:${hash(`${salt}\n${text}`)}`;
  sent.set(sealed, text);
  return sealed;
}

/** The properties that hold secrets of the program. */
const secretFields = ({ fields }: Definition): string[] => Object.keys(fields).filter((property) => fields[property]?.type === "secret");

/**
 * The inputs with digests in place of the secrets that Twilio never returns: a change of a digest shows that the secret was rotated. The salt
 * follows from the resource, because a preview and the update after it must agree.
 */
export function withSeals(definition: Definition, inputs: Props, olds: Props, urn: string | undefined): Props {
  const properties = secretFields(definition);
  if (properties.length === 0) return inputs;
  const result = structuredClone(inputs);
  for (const property of properties) {
    const [before, after] = [get(olds, property), get(inputs, property)];
    if (typeof after !== "string" || isUnknown(after) || isKeptSeal(before, after)) continue;
    const salt = pattern.exec(String(before))?.[1] ?? hash(`${urn} ${property}`).slice(0, 16);
    set(result, property, seal(after, salt));
  }
  return result;
}

/** The secret behind a digest, as a form carries it. */
export function unsealed(value: string): string {
  const text = isSealed(value) ? sent.get(value) : value;
  if (text !== undefined) return text;
  throw new UsageError(
    "A secret must be sent, of which the state has only a digest. Remove `ignoreChanges` for it, so that the program's value is used.",
  );
}

/** The outputs without the program's secrets: nothing shows which ones an object has that exists already. */
export function withoutSeals(definition: Definition, outputs: Props): Props {
  const result = structuredClone(outputs);
  for (const property of secretFields(definition)) {
    const [group, name] = property.split(".") as [string, string | undefined];
    if (name === undefined) delete result[group];
    else if (result[group] !== undefined) delete (result[group] as Props)[name];
  }
  return result;
}
