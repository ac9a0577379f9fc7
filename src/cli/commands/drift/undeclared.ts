import type { Definition } from "../../../core/lifecycle/definition";
import { objects } from "../../../core/lifecycle/objects";
import type { Props } from "../../../core/lifecycle/props";
import { same } from "../../../core/lifecycle/props";
import { formerKey, liveValue } from "../../../core/lifecycle/wire";
import { operation } from "../../../core/process/operation";
import { UsageError } from "../../../core/twilio/errors";
import type { Body } from "../../../core/twilio/twilio";
import type { DriftReport, LeftAlone, Named } from "../../shared/drift-report";
import { isSecret, maskSecretUrl, pathTo, valueAt } from "../../shared/properties";
import { openTarget } from "../../shared/target";
import type { Present } from "./compare";

/** What is known about undeclared properties. */
interface UndeclaredProperties extends Pick<DriftReport, "leftAlone" | "notAsked"> {
  /** The URNs of the conversations that Twilio reports as closed. */
  readonly closed: ReadonlySet<string>;
}

/** Finds properties that Twilio sets and the program does not declare. Reads each object from Twilio, since a refresh reports declared properties only. */
export async function findUndeclared(stack: string | undefined, present: readonly Present[]): Promise<UndeclaredProperties> {
  const closed = new Set<string>();
  if (present.length === 0) return { leftAlone: [], closed };
  let target: Awaited<ReturnType<typeof openTarget>>;
  try {
    target = await openTarget({ ...(stack === undefined ? {} : { stack }) });
  } catch (error) {
    if (error instanceof UsageError) return { leftAlone: [], closed, notAsked: `no credentials for it: ${error.message}` };
    throw error;
  }
  const { twilio } = target;
  try {
    const mine = present.filter(({ state }) => state.outputs?.accountSid === twilio.accountSid);
    const found = await Promise.all(
      mine.map(async ({ definition, state, ...resource }) => {
        const body = await operation(() => objects(definition).send({ twilio }, "read", resource.id));
        if (body?.state === "closed") closed.add(resource.urn);
        return body ? undeclaredIn(definition, state, body).map((property) => ({ ...resource, ...property })) : [];
      }),
    );
    const others = present.length - mine.length;
    return {
      leftAlone: found.flat(),
      closed,
      ...(others > 0 ? { notAsked: `${others} resources of another account than ${twilio.accountSid}` } : {}),
    };
  } finally {
    await target.close();
  }
}

function undeclaredIn(definition: Definition, { inputs, outputs }: { inputs?: Props; outputs?: Props }, body: Body) {
  // A singleton's undeclared values are reported only where they have changed since its first declaration.
  const former = outputs?.[formerKey] as Props | undefined;
  return Object.entries(definition.fields).flatMap(([property, field]): Omit<LeftAlone, keyof Named>[] => {
    const live = liveValue(definition, property, body);
    const declared = valueAt(inputs, property);
    if (field.type === "json") {
      if (isSecret(declared)) return [];
      const known = [...Object.keys((declared ?? {}) as Props), ...(definition.facts?.ownAttributes ?? [])];
      const undeclared = Object.keys((live ?? {}) as Props).filter((key) => !known.includes(key));
      return undeclared.map((key) => ({ property: pathTo(property, key) }));
    }
    const known = valueAt(outputs, property) ?? former?.[property] ?? undefined;
    if (declared !== undefined || field.local || field.parent || field.from === false || isSecret(known) || same(live, known)) return [];
    return [{ property, known: maskSecretUrl(known), actual: maskSecretUrl(live) }];
  });
}
