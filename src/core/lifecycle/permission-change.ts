import type { Context } from "./definition";
import { isUnknown } from "./props";

type Permissions = readonly string[];

/** Says which permissions a planned change adds and removes. Says nothing while the program does not know all of them. */
export function logPermissionChange(
  object: string,
  [before, after]: readonly [Permissions | undefined, Permissions | undefined],
  without: (permissions: Permissions, others: Permissions) => Permissions,
  { log }: Pick<Context, "log">,
): void {
  if (isUnknown([before, after])) return;
  const [old = [], next = []] = [before, after];
  const changes = [
    ["gained", without(next, old)],
    ["lost", without(old, next)],
  ] as const;
  const said = changes.flatMap(([word, permissions]) => (permissions.length > 0 ? [`${word}: ${permissions.join(", ")}`] : []));
  if (said.length > 0) log("info", `Permissions of ${object} ${said.join("; ")}.`);
}
