import type { Context } from "../core/lifecycle/definition";
import type { Note } from "../core/lifecycle/note";
import type { Body } from "../core/twilio/twilio";
import { marksOf, owned, ownedByName } from "./number-search";
import { type Candidate, candidateKey, createKey, runOf } from "./own-numbers";

/** The account's numbers that carry the mark of a resource with this URN. */
const markedAs = async (urn: string, { twilio, place }: Context): Promise<Body[]> =>
  (await Promise.all(marksOf({ urn, place }).map((mark) => ownedByName(twilio, mark)))).flat();

/**
 * Warns before a purchase where the account has the number of a resource with the same name outside of a component: the program may have moved
 * the resource, which Pulumi takes for another one unless an alias says so.
 */
export async function warnOfFormerNumber(context: Context): Promise<void> {
  const { twilio, urn = "", log } = context;
  const [head, project, types = "", ...names] = urn.split("::");
  const type = types.slice(types.lastIndexOf("$") + 1);
  const name = names.join("::");
  const former = [head, project, type, name].join("::");
  if (type === types || runOf(twilio).held.get(former) !== undefined) return;
  for (const { sid, phone_number: number } of await markedAs(former, context)) {
    log(
      "warn",
      `${number} (${sid}) carries the mark of ${name} outside of a component. If the ` +
        "program has moved that resource here, declare `aliases: [{ parent: pulumi.rootStackResource }]`, which keeps the number. Otherwise " +
        "another number is bought, and the account goes on paying for both.",
    );
  }
}

/**
 * Says which numbers an interrupted create bought for a resource of the same name in another stack. If that stack was renamed, they are this
 * resource's, and neither its mark nor its note, which have the former name, can show that.
 */
export async function warnOfFormerStack(context: Context): Promise<void> {
  const { twilio, notes, log, urn } = context;
  if (urn === undefined) return;
  const prefix = createKey("");
  const former = (notes.all() as Note[]).flatMap(({ key }) => (key?.startsWith(prefix) ? key.slice(prefix.length) : []));
  for (const other of new Set(former)) {
    if (other === urn || withoutStack(other) !== withoutStack(urn)) continue;
    const marked = await markedAs(other, context);
    // The program's own name may have replaced the mark already.
    const noted = notes.read<Candidate>(candidateKey(other));
    const named = noted?.sid !== undefined && noted.number !== "" ? await owned(twilio, noted.number) : undefined;
    if (named && named.sid === noted?.sid && !marked.some(({ sid }) => sid === named.sid)) marked.push(named);
    for (const { sid, phone_number: number } of marked.filter((body) => context.holderOf(String(body.sid)) === undefined)) {
      const stack = other.slice("urn:pulumi:".length, other.indexOf("::"));
      log(
        "warn",
        `${number} (${sid}) was bought by an interrupted run for the resource of this name in stack ${stack}. If that stack was renamed to this ` +
          `one, declare adopt: "${number}" in place of the search. Otherwise this stack buys a number of its own.`,
      );
    }
  }
}

const withoutStack = (urn: string): string => urn.slice(urn.indexOf("::"));
