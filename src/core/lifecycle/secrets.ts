import type { Definition, Problem } from "./definition";
import { get, type Props } from "./props";

/**
 * The hidden input that names the properties whose values are secret. The engine passes a provider every value in plain, so only the program
 * knows. It is absent where nothing is secret.
 */
export const secretsKey = "__secrets";

/** The key under which the engine marks a value as secret, in its state and in what a provider returns. */
export const secretSignature = "4dabf18193072939515e22adb298388d";

/** The names of the secret properties, as the program sends them. */
export const secretsOf = (props: Props): string[] => {
  const names = props[secretsKey];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
};

/** The values of the secret properties. */
export const secretValuesOf = (props: Props): string[] => secretsOf(props).flatMap((property) => textsOf(get(props, property)));

/** The values of the outputs that are always secret. */
export const secretOutputsOf = ({ secretOutputs = [] }: Pick<Definition, "secretOutputs">, props: Props): string[] =>
  secretOutputs.flatMap((output) => textsOf(props[output]));

/** Every string and number in a value, as text; true, false and null reveal nothing. */
export function textsOf(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

const isWithin = (property: string, group: string) => property === group || property.startsWith(`${group}.`);

/** The problem without the value of a secret: a reason ends with what was received. Names inside a secret object are part of the secret. */
export function withoutSecret({ fields }: Pick<Definition, "fields">, problem: Problem, secrets: readonly string[]): Problem {
  const { property, reason } = problem;
  const whole = secrets.find((secret) => isWithin(property, secret));
  if (whole !== undefined && whole !== property && fields[property] === undefined) {
    const names = Object.keys(fields).flatMap((name) => (isWithin(name, whole) && name !== whole ? [name.slice(whole.length + 1)] : []));
    return {
      property: whole,
      reason: `must not have other properties than ${names.join(", ")}; the name is not shown, because it is secret`,
    };
  }
  const isSecret = whole !== undefined || secrets.some((secret) => isWithin(secret, property));
  return isSecret ? { property, reason: reason.replace(/; received [\s\S]*$/, "; the value is secret and not shown") } : problem;
}
