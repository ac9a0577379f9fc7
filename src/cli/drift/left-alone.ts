import type { Body, Field, Props } from "../../core/lifecycle/definition";
import { objects } from "../../core/lifecycle/objects";
import { get, same } from "../../core/lifecycle/props";
import { fromBody } from "../../core/lifecycle/wire";
import { operation } from "../../core/process/operation";
import { UsageError } from "../../core/twilio/errors";
import { isSecret, openly, pathTo } from "../properties";
import { openTarget } from "../target";
import type { Look, Named } from "./look";

/** Something that Twilio holds beside what the program declares. `pulumi up` leaves it alone, so it is no drift. */
export interface LeftAlone extends Named {
  readonly property: string;
  /** What the state remembers of it, for what Twilio chooses when the program does not. */
  readonly known?: unknown;
  /** What Twilio holds. Missing for keys of attributes: those are the application's, and may be personal. */
  readonly actual?: unknown;
}

/** What was found beside the program. */
export interface Beside {
  readonly leftAlone: readonly LeftAlone[];
  /** What could not be asked, and why. */
  readonly notAsked?: string;
}

/** Asks Twilio for each object once more, since a refresh tells only of what is declared. */
export async function lookBeside(stack: string | undefined, present: Look["present"]): Promise<Beside> {
  if (present.length === 0) return { leftAlone: [] };
  let target: Awaited<ReturnType<typeof openTarget>>;
  try {
    target = await openTarget({ ...(stack === undefined ? {} : { stack }) });
  } catch (error) {
    if (error instanceof UsageError) return { leftAlone: [], notAsked: `no credentials for it: ${error.message}` };
    throw error;
  }
  const { twilio } = target;
  try {
    const mine = present.filter(({ state }) => state.outputs?.accountSid === twilio.accountSid);
    const found = await Promise.all(
      mine.map(async ({ definition, state, ...resource }) => {
        const body = await operation(() => objects(definition).send({ twilio }, "read", resource.id));
        return body ? beside(definition.fields, state, body).map((property) => ({ ...resource, ...property })) : [];
      }),
    );
    const others = present.length - mine.length;
    return { leftAlone: found.flat(), ...(others > 0 ? { notAsked: `${others} of another account than ${twilio.accountSid}` } : {}) };
  } finally {
    await target.close();
  }
}

function beside(fields: Readonly<Record<string, Field>>, { inputs, outputs }: { inputs?: Props; outputs?: Props }, body: Body) {
  return Object.entries(fields).flatMap(([property, field]): Omit<LeftAlone, keyof Named>[] => {
    const live = fromBody(property, field, body);
    const declared = get(inputs, property);
    if (field.type === "json") {
      const theirs = Object.keys((live ?? {}) as Props).filter((key) => !(key in ((declared ?? {}) as Props)));
      return isSecret(declared) ? [] : theirs.map((key) => ({ property: pathTo(property, key) }));
    }
    const known = get(outputs, property);
    if (declared !== undefined || field.local || field.parent || field.from === false || isSecret(known) || same(live, known)) return [];
    return [{ property, known: openly(known), actual: openly(live) }];
  });
}
