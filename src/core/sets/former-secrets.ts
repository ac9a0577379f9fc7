import { get, type Props, set } from "../lifecycle/props";
import { secretSignature, secretsKey, secretsOf } from "../lifecycle/secrets";
import { itemsKey } from "./set-definition";

/** What the engine expects under that key. */
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** The properties of items that a secret covers: one, those of an item, or those of all items that are kept. */
function propertiesIn(path: string, outputs: Props, kept: ReadonlySet<string>): string[] {
  if (path === itemsKey) return [...kept].flatMap((key) => propertiesIn(`${itemsKey}.${key}`, outputs, kept));
  if (path.split(".").length > 2) return [path];
  return Object.keys((get(outputs, path) ?? {}) as Props).map((property) => `${path}.${property}`);
}

/**
 * The outputs of an update of which some items failed. The engine encrypts what the inputs declare secret; an item that keeps its former values has
 * them in no input. `olds`: the outputs before the update; `kept`: the keys of the items that are not as declared.
 */
export function withFormerSecrets(outputs: Props, olds: Props, kept: ReadonlySet<string>): Props {
  const [declared, former] = [secretsOf(outputs), secretsOf(olds)];
  const isKept = (path: string) => path === itemsKey || kept.has(path.split(".")[1] as string);
  const hidden = former.filter(isKept);
  if (hidden.length === 0) return outputs;
  const result = structuredClone(outputs);
  for (const path of hidden.flatMap((one) => propertiesIn(one, result, kept))) {
    const value = get(result, path);
    if (value !== undefined) set(result, path, { [secretSignature]: secretMark, value });
  }
  return { ...result, [secretsKey]: [...new Set([...declared, ...hidden])].sort() };
}
