import { resourceName } from "../../../core/lifecycle/check";
import type { Definition, Field } from "../../../core/lifecycle/definition";
import { get, topLevel } from "../../../core/lifecycle/props";
import { UsageError } from "../../../core/twilio/errors";
import { entryOf } from "../../shared/catalog";
import { readDigest, warningsIn, whyFailed } from "../../shared/digest";
import type { Drifted, DriftedProperty, Named, Unseen } from "../../shared/drift-report";
import { nameOf, nameOfStack, pulumi, withoutStack } from "../../shared/engine";
import { isSecret, maskSecretUrl, pathSegments, valueAt } from "../../shared/properties";
import type { Digest, ResourceState, Step } from "../../shared/steps";

/** A resource that exists at Twilio, with its state. */
export interface Present extends Named {
  readonly definition: Definition;
  readonly state: NonNullable<Step["oldState"]>;
}

/** The result of comparing a stack's state with Twilio. */
export interface Comparison {
  readonly stack: string;
  readonly drifted: readonly Drifted[];
  readonly unseen: readonly Unseen[];
  readonly warnings: readonly string[];
  readonly present: readonly Present[];
  /** The URNs of all resources in the state. */
  readonly urns: ReadonlySet<string>;
}

/** Compares the stack's state with Twilio through the engine's refresh, which writes nothing. */
export async function compare(stack: string | undefined): Promise<Comparison> {
  // The engine's order differs from run to run; the report's must not.
  const digest = await refreshed(stack);
  const steps = [...digest.steps].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const known = steps.flatMap((step) => {
    const definition = entryOf(typeOf(step))?.definition;
    return definition === undefined || step.oldState === undefined ? [] : [{ ...named(step), step, definition, state: step.oldState }];
  });
  const present = known.filter(({ step, state }) => step.op !== "delete" && !state.external);
  return {
    stack: await nameOfStack(stack),
    drifted: steps.flatMap((step): Drifted[] => {
      if (step.op === "delete") return [{ ...named(step), ...gone(step.oldState) }];
      return step.op === "update" ? [{ ...named(step), gone: false, properties: propertiesOf(step) }] : [];
    }),
    unseen: present.flatMap(({ step: _, definition, state, ...resource }) =>
      unseenIn(definition, state.inputs).map((property) => ({ ...resource, property })),
    ),
    warnings: warningsIn(digest).sort(),
    present: present.map(({ step: _, ...resource }) => resource),
    urns: new Set(steps.filter(({ oldState }) => oldState).map(({ urn }) => urn)),
  };
}

/** What a resource reports whose object does not exist. */
export const gone = (state: Step["oldState"]): Pick<Drifted, "gone" | "adopted" | "properties"> => ({
  gone: true,
  ...(get(state?.inputs, "adopt") === undefined ? {} : { adopted: true }),
  properties: [],
});

const isClosed = ({ newState }: Step): boolean => newState?.outputs?.state === "closed";

/** The declared properties that Twilio does not report. Of a secret group, nobody can see which ones are declared. */
function unseenIn({ fields }: Definition, inputs: ResourceState["inputs"]): string[] {
  const unreported = Object.keys(fields).filter((property) => fields[property]?.from === false);
  const isUnreported = (group: string) =>
    Object.keys(fields).every((property) => topLevel(property) !== group || unreported.includes(property));
  const names = unreported.map((property) => (isSecret(inputs?.[topLevel(property)]) ? topLevel(property) : property));
  return [...new Set(names)].filter((name) => (fields[name] || isUnreported(name)) && valueAt(inputs, name) !== undefined);
}

/** What a refresh would change; an error where the refresh fails. */
async function refreshed(stack: string | undefined): Promise<Digest> {
  const run = await pulumi(["refresh", "--preview-only", "--json"], { stack });
  const why = withoutStack(run);
  if (why !== undefined || run === undefined) throw new UsageError(`there is no stack to compare: ${why}.`);
  const digest = readDigest(run.stdout);
  if (digest && run.code === 0) return digest;
  throw new UsageError(`the stack cannot be compared with Twilio: ${whyFailed(run)}`);
}

const typeOf = ({ urn }: Step): string => nameOf(urn).type;

/** How a report names a step's resource. */
export function named({ urn, oldState }: Pick<Step, "urn" | "oldState">): Named {
  const { type, name } = nameOf(urn);
  return { urn, type: resourceName({ type }), name, id: oldState?.id ?? "" };
}

/** The properties that the engine found changed: those that the program declares. Of a list without an order, the list. */
export function propertiesOf(step: Step): DriftedProperty[] {
  const fields = entryOf(typeOf(step))?.definition.fields ?? {};
  const paths = Object.keys(step.detailedDiff ?? {}).filter((path) => !path.startsWith("__"));
  return [...new Set(paths.map((path) => withoutPlace(fields, path)))].map((property) => ({
    property,
    declared: maskSecretUrl(valueAt(step.oldState?.inputs, property)),
    actual: maskSecretUrl(valueAt(step.newState?.inputs, property)),
    // Nobody can change a closed conversation.
    repair: isFixed(fieldOf(fields, property)) ? "replace" : isClosed(step) ? "refuse" : "update",
  }));
}

/** A path without a place in a list. Only the lists in `attributes` have an order. */
const withoutPlace = (fields: Readonly<Record<string, Field>>, path: string): string =>
  fieldOf(fields, path)?.type === "json" ? path : path.replace(/\[\d+\].*$/, "");

const isFixed = (field: Field | undefined): boolean => field?.createOnly === true || field?.parent !== undefined;

/** The field that a path is in: `attributes.color` is in `attributes`, `sms.address` is a field itself. */
function fieldOf(fields: Readonly<Record<string, Field>>, path: string): Field | undefined {
  const segments = pathSegments(path);
  const names = segments.map((_, index) => segments.slice(0, index + 1).join("."));
  return fields[names.find((name) => fields[name]) ?? ""];
}
