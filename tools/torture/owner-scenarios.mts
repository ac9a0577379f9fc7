import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";
import { openStack } from "../harness/stack.mts";
import { fullPlan, itemsOf, type Plan, programOf } from "./plan.mts";
import type { Scenario } from "./scenario.mts";
import type { Testbed } from "./testbed.mts";

/** Without the number that a destroy keeps: the next stack that asks for it is its owner by right. */
function planOfOwner(revision: number): Plan {
  const { "call-back": _kept, ...plan } = fullPlan(revision);
  return plan;
}

const idsOf = ({ deployment }: Deployment): string[] =>
  ((deployment?.resources ?? []) as { type: string; id: string }[])
    .filter(({ type }) => type.startsWith("pulumi-nodejs:"))
    .map(({ id }) => id);

/** The objects of a stack as Twilio has them, in the order of their ids. */
async function objectsOf(testbed: Testbed, ids: readonly string[]): Promise<string> {
  const live = await testbed.liveObjects();
  return JSON.stringify(live.filter(({ id }) => ids.includes(id)).sort((one, other) => one.id.localeCompare(other.id)));
}

/** Renames the stack and creates a new one with the former name in the same workspace. Returns the renamed stack. */
async function renameAndCreateAgain({ stack: { stack } }: Testbed): Promise<Stack> {
  const { workspace } = stack;
  await stack.rename({ stackName: "renamed" });
  const settings = (name: string) => join(workspace.workDir, `Pulumi.${name}.yaml`);
  await copyFile(settings("renamed"), settings("test"));
  await workspace.createStack("test");
  await copyFile(settings("renamed"), settings("test"));
  // The SDK's object follows the rename.
  Object.assign(stack, { name: "test" });
  const renamed = await (stack.constructor as typeof Stack).select("renamed", workspace);
  return Object.assign(renamed, { outputs: async () => ({}), info: async () => undefined });
}

/** A stack is renamed and its former name is used again: two owners, who share nothing. */
export const renamedStack = (renews: boolean): Scenario => ({
  name: `stack renamed${renews ? " and updated" : ""}, then its former name used again`,
  async run(testbed) {
    const { stack, expectedPurchases } = testbed;
    const problems: string[] = [];
    testbed.plan = planOfOwner(1);
    const first = await stack.up();
    if (!first.ok) problems.push(`the first up failed: ${first.text}`);
    const renamed = await renameAndCreateAgain(testbed);
    if (renews) await renamed.up({ color: "never" });
    const ids = idsOf(await renamed.exportStack());
    const before = await objectsOf(testbed, ids);
    const second = await stack.up();
    const shared = (await testbed.stateEntries()).filter(({ id }) => ids.includes(id));
    if (!second.ok) problems.push(`the up under the former name failed: ${second.text}`);
    problems.push(...shared.map(({ name, id }) => `both stacks hold ${name} (${id})`));
    const destroyed = await stack.destroy();
    if (!destroyed.ok) problems.push(`the destroy under the former name failed: ${destroyed.text}`);
    if ((await objectsOf(testbed, ids)) !== before) problems.push("the stack of the former name changed objects of the renamed stack");
    expectedPurchases.replacementReleasedOutside();
    const outcome = await stack.up();
    await renamed.destroy({ color: "never" });
    expectedPurchases.replacementReleasedOutside();
    return { outcome, problems };
  },
});

/** One project and stack name in two backends, one after the other: the second buys numbers of its own, and names and keeps all that it adopts. */
export const secondBackend: Scenario = {
  name: "second backend, after the first",
  async run(testbed, { engine, config = {} }) {
    const problems: string[] = [];
    // Two participants with one pair of numbers are refused by Twilio, and the second backend has a service of its own.
    const { mobile: _mobile, whatsapp: _whatsapp, ...plan } = planOfOwner(1);
    testbed.plan = plan;
    const outcome = await testbed.stack.up();
    const ids = (await testbed.stateEntries()).map(({ id }) => id);
    const { purchases, before } = { purchases: await testbed.purchases(), before: await objectsOf(testbed, ids) };
    const other = await openStack({ engine, twilio: testbed.emulator, config, program: programOf(testbed.plan) });
    testbed.onClose(other.close);
    const preview = await other.preview();
    if (!preview.ok) problems.push(`the preview of the second backend failed: ${preview.text}`);
    const up = await other.up();
    const taken = Object.values(await other.state()).filter(({ id }) => ids.includes(id));
    for (const { urn, id } of taken) {
      if (!preview.text.includes(id)) problems.push(`the preview does not say that ${urn.split("::").at(-1)} takes ${id}`);
    }
    const destroy = await other.destroy();
    if (!up.ok || !destroy.ok) problems.push(`the second backend failed: ${up.text}\n${destroy.text}`);
    if ((await objectsOf(testbed, ids)) !== before) problems.push("the second backend changed objects of the first one");
    const extra = (await testbed.purchases()).bought - purchases.bought;
    if (extra !== itemsOf(plan, "PhoneNumber").length) problems.push(`the second backend bought ${extra} numbers`);
    testbed.expectedPurchases.replacementReleasedOutside();
    return { outcome, problems, method: `${taken.length} objects adopted` };
  },
};
