import type * as pulumi from "@pulumi/pulumi";
import type { Definition } from "../lifecycle/definition";
import { type MissingValue, missingKey } from "../lifecycle/missing-values";
import type { Props } from "../lifecycle/props";
import { secretsKey } from "../lifecycle/secrets";
import { fieldOf, hasOutputs, type Inspection, inspect } from "./inspect";
import { hideInLog } from "./log-redaction";
import { labelOf, problemOf, programChecked } from "./program-check";
import { programError, quiet } from "./program-error";

/** A resource whose inputs the program has checked as far as they are plain values. */
interface Checked {
  readonly definition: Pick<Definition, "type" | "fields">;
  /** The property that a path into the inputs belongs to. Default: the definition's field. */
  readonly propertyOf?: (path: string) => string;
  readonly name: string;
  readonly inputs: Props;
  /** Outputs that the program declares secret. */
  readonly additionalSecretOutputs: readonly string[];
  readonly providerText: string;
}

/**
 * The hidden inputs of a resource: the provider text, which resolves once everything that the program declares at once has been checked, and
 * what only the program knows of the other inputs.
 */
export function hiddenInputs({ definition, name, inputs, additionalSecretOutputs, providerText, propertyOf }: Checked): Props {
  const checked = programChecked();
  const always = additionalSecretOutputs.length > 0 ? { [secretsKey]: [...additionalSecretOutputs] } : {};
  if (!Object.values(inputs).some(hasOutputs)) return { ...always, __provider: quiet(checked.then(() => providerText)) };

  const inspection = quiet(inspect(propertyOf ?? fieldOf(definition), inputs));
  const text = Promise.all([checked, inspection]).then(([, { notJson, secretTexts }]) => {
    if (secretTexts.length > 0) hideInLog(secretTexts);
    if (notJson.length === 0) return providerText;
    const lines = notJson.map((one) => problemOf(definition, one)).map(({ property, reason }) => `${property} ${reason}`);
    throw programError(`${labelOf(definition, name)}: ${lines.join("; ")}`);
  });
  // What is undefined is not registered, so that a state without secrets stays as it is.
  const later = <T>(pick: (found: Inspection) => T) => quiet(inspection.then(pick));
  return {
    [secretsKey]: later(({ secrets }) => nonEmpty([...new Set([...secrets, ...additionalSecretOutputs])].sort())),
    [missingKey]: later(async ({ unknown }) => nonEmpty(await Promise.all([...unknown].map(describeMissing)))),
    __provider: quiet(text),
  };
}

const nonEmpty = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

async function describeMissing([property, resources]: readonly [string, readonly pulumi.CustomResource[]]): Promise<MissingValue> {
  const urns = resources.map(({ urn }) => (urn as unknown as { promise(): Promise<string> }).promise());
  return { property, from: await Promise.all(urns) };
}
