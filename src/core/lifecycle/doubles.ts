import type { Body } from "../twilio/twilio";
import { itemPath } from "./define";
import type { Context, Definition, Field } from "./definition";
import type { Lookup } from "./lists";
import { bodyName } from "./names";
import type { Note } from "./note";
import type { Objects } from "./objects";
import { noteKeyPrefix } from "./pending-create";
import { type Props, topLevel } from "./props";
import { equal, liveValue } from "./wire";

const lookAgainMs = 5_000;

/**
 * Objects that a request created which arrived twice. Where Twilio allows duplicates, it creates two, and the response names one. Nothing proves
 * whose the other one is, so it is only reported.
 */
export class Doubles {
  /** The creates without a note that have not had their response. */
  private readonly withoutNote = new Set<Props>();

  constructor(
    private readonly definition: Definition,
    private readonly objects: Objects,
    private readonly lookup: Lookup,
  ) {}

  /** Runs a create. Until its object is known, another create must not report that object. */
  async during<T>(inputs: Props, create: () => Promise<T>): Promise<T> {
    if (noteKeyPrefix(this.definition, inputs) === undefined) this.withoutNote.add(inputs);
    try {
      return await create();
    } finally {
      this.withoutNote.delete(inputs);
    }
  }

  /** Warns of other objects with the same values that were created at the same time and that no resource has. */
  async report(created: Body, inputs: Props, begun: Note, context: Context): Promise<void> {
    this.withoutNote.delete(inputs);
    const { definition, objects } = this;
    const find = () => this.find(created, inputs, begun, context);
    const others = await find()
      .catch(async () => ((await context.twilio.pause(lookAgainMs)) ? await find() : []))
      .catch((error: Error) => {
        context.log(
          "warn",
          `It is not known whether Twilio received the create of ${objects.label} ${created.sid} twice: ${error.message}. ` +
            "If it did, it has another one with the same values, which is in no state: look for it and delete it.",
        );
        return [];
      });
    for (const other of others) {
      const path = itemPath(definition, objects.idOf(inputs, other), context.twilio.accountSid);
      context.log(
        "warn",
        `Twilio has another ${objects.label} with the same values, ${other.sid}, created at the same time as ${created.sid}, which is in the state. ` +
          "If nobody else created it, the request arrived twice: delete it, for example with " +
          `curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" -X DELETE https://${definition.product}.twilio.com${path}`,
      );
    }
  }

  private async find(created: Body, inputs: Props, begun: Note, context: Context): Promise<Body[]> {
    const { candidates, unfinished } = await this.lookup.unclaimed(inputs, begun, context);
    const others = candidates.filter((body) => body.sid !== created.sid && this.hasSameValues(created, body));
    // Each create in progress may have made one of them; the last one reports what is left.
    return others.slice(unfinished + this.withoutNote.size);
  }

  /** Whether two objects may be of one request, according to everything that Twilio returns of its form. */
  private hasSameValues(one: Body, other: Body): boolean {
    const { definition } = this;
    return Object.entries(definition.fields).every(
      ([property, field]) =>
        field.local !== undefined ||
        field.from === false ||
        isUnlisted(property, field, other) ||
        equal(field, liveValue(definition, property, one), liveValue(definition, property, other)),
    );
  }
}

/** Whether a list leaves a property out that one object has: it proves nothing. */
const isUnlisted = (property: string, { from }: Field, listed: Body): boolean =>
  typeof from !== "function" && !(topLevel(from || bodyName(property)) in listed);
