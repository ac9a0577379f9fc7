import { setTimeout as delay } from "node:timers/promises";
import type { EmulatorClient } from "../harness/emulator-client.mts";
import type { LiveObject } from "../harness/live-objects.mts";
import type { Outcome } from "../harness/stack.mts";
import type { ManualChange, Operation } from "./faults.mts";
import { fullPlan } from "./plan.mts";
import type { Testbed } from "./testbed.mts";
import { waitUntil } from "./wait.mts";

/** Runs an operation with manual changes: to existing objects before the operation, and to created objects as soon as they exist. */
export async function runWithManualChanges(
  testbed: Testbed,
  { what, kinds }: ManualChange,
  operation: Operation,
  operate: () => Promise<Outcome>,
): Promise<Outcome> {
  const { client, expectedPurchases } = testbed;
  const changed = new Set<string>();
  const releasedNumbers: string[] = [];
  const changeNewObjects = async () => {
    for (const object of await testbed.liveObjects()) {
      if (changed.has(object.id) || !kinds.includes(object.kind)) continue;
      changed.add(object.id);
      await (what === "change" ? changeObject : deleteObject)(client, object);
      if (what === "delete" && object.kind === "PhoneNumber") {
        // The mark has the resource's name; the URL is set only after the purchase.
        releasedNumbers.push(/^pulumi [^/]+\/[^/]+\/(\S+)/.exec(String(object.properties.friendlyName))?.[1] as string);
      }
    }
    // Each listing takes a dozen requests.
    await delay(50);
    return false;
  };
  if (operation !== "create") {
    await changeNewObjects();
    for (const name of releasedNumbers) expectedPurchases.releasedOutside(name);
    return operate();
  }
  const operating = operate();
  await waitUntil(changeNewObjects, operating);
  const outcome = await operating;
  await changeNewObjects();
  expectedPurchases.apply(fullPlan(1));
  for (const [index, name] of releasedNumbers.entries()) {
    if (releasedNumbers.indexOf(name) === index) expectedPurchases.releasedOutside(name);
    else expectedPurchases.replacementReleasedOutside();
  }
  return outcome;
}

async function changeObject({ client }: EmulatorClient, { kind, id }: LiveObject): Promise<void> {
  const [service = "", conversation = "", participant = ""] = id.split("/");
  const { conversations } = client.conversations.v1.services(service);
  const attributes = JSON.stringify({ revision: "changed manually" });
  if (kind === "PhoneNumber") await client.incomingPhoneNumbers(id).update({ smsUrl: "https://changed-manually.example.com" });
  if (kind === "Conversation") await conversations(conversation).update({ friendlyName: "changed manually", attributes });
  if (kind === "Participant") await conversations(conversation).participants(participant).update({ attributes });
}

async function deleteObject({ client }: EmulatorClient, { kind, id }: LiveObject): Promise<void> {
  const [sid = "", conversation = "", participant = ""] = id.split("/");
  const service = client.conversations.v1.services(sid);
  if (kind === "PhoneNumber") await client.incomingPhoneNumbers(id).remove();
  if (kind === "ConversationService") await service.remove();
  if (kind === "Conversation") await service.conversations(conversation).remove();
  if (kind === "Participant") await service.conversations(conversation).participants(participant).remove();
}
