import type { Definition, Field } from "../../core/lifecycle/definition";
import { get } from "../../core/lifecycle/props";
import { UsageError } from "../../core/twilio/errors";
import { definitionOf } from "../definitions";
import { type Digest, errorsIn, nameOf, nameOfStack, nounOf, pulumi, readDigest, type Step, saidBy, withoutStack } from "../engine";
import { openly, stepsOf, valueAt } from "../properties";

/** A resource as the tables name it. */
export interface Named {
  readonly urn: string;
  /** `Conversation`. */
  readonly type: string;
  readonly name: string;
  /** At Twilio, the path of SIDs. */
  readonly id: string;
}

/** A declared property that Twilio holds otherwise. */
export interface DriftedProperty {
  /** `attributes.color`. */
  readonly property: string;
  /** As the program declared it when it was last brought up; `[secret]` for a secret, missing for what it does not declare. */
  readonly declared?: unknown;
  /** What Twilio holds; `[secret]` where a secret is declared or an address holds a login or a token, missing where Twilio has none. */
  readonly actual?: unknown;
  /** What `pulumi up --refresh` does about it: `replace` deletes the object and makes it again, `refuse` fails, as Twilio would. */
  readonly repair: "update" | "replace" | "refuse";
}

/** A resource that is not at Twilio as it was declared. */
export interface Drifted extends Named {
  /** It is no longer there, and `pulumi up --refresh` makes it again. */
  readonly gone: boolean;
  readonly properties: readonly DriftedProperty[];
}

/** A declared property whose drift nobody can see. */
export interface Unseen extends Named {
  readonly property: string;
}

/** What a look at a stack has found. */
export interface Look {
  readonly stack: string;
  /** What `pulumi up --refresh` would bring back to what is declared. */
  readonly drifted: readonly Drifted[];
  /** Declared, but write-only: Twilio never tells them back. */
  readonly unseen: readonly Unseen[];
  /** The resources that are there, with what the state holds of them. */
  readonly present: readonly (Named & { readonly definition: Definition; readonly state: NonNullable<Step["oldState"]> })[];
}

/** Compares the stack's state with Twilio, by the engine's refresh, which writes nothing. */
export async function look(stack: string | undefined): Promise<Look> {
  // The engine's order is another one each time, and what is told again should read the same.
  const steps = [...(await refreshed(stack)).steps].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const known = steps.flatMap((step) => {
    const definition = definitionOf(typeOf(step));
    return definition === undefined || step.oldState === undefined ? [] : [{ ...named(step), step, definition, state: step.oldState }];
  });
  const present = known.filter(({ step, state }) => step.op !== "delete" && !state.external);
  return {
    stack: await nameOfStack(stack),
    drifted: steps.flatMap((step): Drifted[] => {
      if (step.op === "delete") return [{ ...named(step), gone: true, properties: [] }];
      return step.op === "update" ? [{ ...named(step), gone: false, properties: propertiesOf(step) }] : [];
    }),
    unseen: present.flatMap(({ step: _, definition, state, ...resource }) =>
      Object.entries(definition.fields)
        .filter(([property, { from }]) => from === false && get(state.inputs, property) !== undefined)
        .map(([property]) => ({ ...resource, property })),
    ),
    present: present.map(({ step: _, ...resource }) => resource),
  };
}

/** What a refresh would find; an error where it gives up. */
async function refreshed(stack: string | undefined): Promise<Digest> {
  const run = await pulumi(["refresh", "--preview-only", "--json"], { stack });
  const why = withoutStack(run);
  if (why !== undefined || run === undefined) throw new UsageError(`there is no stack to look at: ${why}.`);
  const digest = readDigest(run.stdout);
  if (digest && run.code === 0) return digest;
  const said = digest && errorsIn(digest).join("; ");
  throw new UsageError(`the stack cannot be compared with Twilio: ${said || saidBy(run) || `pulumi ended with ${run.code}`}`);
}

const typeOf = ({ urn }: Step): string => nameOf(urn).type;

function named({ urn, oldState }: Step): Named {
  const { type, name } = nameOf(urn);
  return { urn, type: nounOf(type), name, id: oldState?.id ?? "" };
}

/** The properties that the engine found changed, which are those that the program declares. */
function propertiesOf(step: Step): DriftedProperty[] {
  const fields = definitionOf(typeOf(step))?.fields ?? {};
  // No one can change a closed conversation.
  const isClosed = step.newState?.outputs?.state === "closed";
  return Object.keys(step.detailedDiff ?? {})
    .filter((path) => !path.startsWith("__"))
    .map((property) => ({
      property,
      declared: openly(valueAt(step.oldState?.inputs, property)),
      actual: openly(valueAt(step.newState?.inputs, property)),
      repair: isFixed(fieldOf(fields, property)) ? "replace" : isClosed ? "refuse" : "update",
    }));
}

const isFixed = (field: Field | undefined): boolean => field?.createOnly === true || field?.parent !== undefined;

/** The field that a path lies in: `attributes.color` in `attributes`, `sms.address` is one itself. */
function fieldOf(fields: Readonly<Record<string, Field>>, path: string): Field | undefined {
  const steps = stepsOf(path);
  const names = steps.map((_, index) => steps.slice(0, index + 1).join("."));
  return fields[names.find((name) => fields[name]) ?? ""];
}
