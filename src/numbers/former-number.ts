import type { Context } from "../core/lifecycle/definition";
import { marksOf, ownedByName } from "./number-search";
import { runOf } from "./own-numbers";

/**
 * Warns before a purchase where the account has the number of a resource with the same name outside of a component: the program may have moved
 * the resource, which Pulumi takes for another one unless an alias says so.
 */
export async function warnOfFormerNumber(context: Context): Promise<void> {
  const { twilio, urn = "", place, log } = context;
  const [head, project, types = "", ...names] = urn.split("::");
  const type = types.slice(types.lastIndexOf("$") + 1);
  const name = names.join("::");
  const former = [head, project, type, name].join("::");
  if (type === types || runOf(twilio).held.get(former) !== undefined) return;
  for (const mark of marksOf({ urn: former, place })) {
    for (const body of await ownedByName(twilio, mark)) {
      log(
        "warn",
        `${body.phone_number} (${body.sid}) carries the mark of ${name} outside of a component. If the ` +
          "program has moved that resource here, declare `aliases: [{ parent: pulumi.rootStackResource }]`, which keeps the number. Otherwise " +
          "another number is bought, and the account goes on paying for both.",
      );
    }
  }
}
