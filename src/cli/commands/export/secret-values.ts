import { kebab } from "../../shared/kebab";
import { isSecretName, isSecretUrl } from "../../shared/secrets";
import { Code } from "./code";

/** A value that the program reads from the stack's configuration. */
export interface SecretValue {
  readonly key: string;
  readonly value: string;
}

/** In place of a secret that an object has, and that Twilio does not return. */
export const unreadSecret = Symbol("a secret that Twilio does not return");

/** Replaces secrets in values, and collects them. */
export class SecretValues {
  readonly all: SecretValue[] = [];
  /** The configuration keys of the secrets that Twilio does not return. */
  readonly unread: string[] = [];
  readonly #taken = new Set<string>();

  /** Replaces each secret in the value, at any depth, with a call that reads the configuration. The configuration key is made from `path`. */
  replaceIn(value: unknown, path: readonly string[]): unknown {
    if (typeof value === "string" && value !== "" && (isSecretName(path.at(-1) ?? "") || isSecretUrl(value))) {
      const key = this.#keyFor(path);
      this.all.push({ key, value });
      return new Code(`config.requireSecret(${JSON.stringify(key)})`, [], ["Config"]);
    }
    if (value === unreadSecret) {
      const key = this.#keyFor(path);
      this.unread.push(key);
      return new Code(`config.getSecret(${JSON.stringify(key)})`, [], ["Config"]);
    }
    if (typeof value !== "object" || value === null || value instanceof Code) return value;
    const replaced = Object.entries(value).map(([name, entry]) => [name, this.replaceIn(entry, [...path, name])] as const);
    return Array.isArray(value) ? replaced.map(([, entry]) => entry) : Object.fromEntries(replaced);
  }

  #keyFor(path: readonly string[]): string {
    const preferred = path.map((part) => kebab(part) || "x").join("-");
    for (let count = 1; ; count += 1) {
      const key = count === 1 ? preferred : `${preferred}-${count}`;
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return key;
    }
  }
}
