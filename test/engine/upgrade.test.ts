import { execFileSync } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator";
import { programs } from "../../tools/states/programs.mts";
import { type RecordedProgram, type Recording, readRecording, recordedUrl, recordings } from "../../tools/states/recording.mts";
import { type Outcome, openStack, type StateResource, type TestStack } from "../support/engine";
import { expectNothing, expectOk } from "./lab";
import { type EmulatorClient, emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");
const isTwilio = ({ type }: StateResource) => type.startsWith("pulumi-nodejs:twilio/");
const nameOf = ({ urn }: StateResource) => urn.split("::").at(-1) as string;
/** The resources of a recorded state that the stack manages. */
const managed = ({ deployment }: Recording) =>
  (deployment.deployment.resources as (StateResource & { external?: boolean })[]).filter((one) => isTwilio(one) && !one.external);

/** Whether a number carries the mark of the name that its resource had before an alias renamed it. */
const hasFormerMark = (one: StateResource) => {
  const { friendlyName } = one.outputs;
  return /^pulumi \w+\/\w+\//.test(String(friendlyName)) && !String(friendlyName).endsWith(`/${nameOf(one)}`);
};

/** A stack whose state an earlier release wrote, and its account at Twilio. */
interface RecordedStack {
  readonly stack: TestStack;
  readonly twilio: EmulatorClient;
  close(): Promise<void>;
}

async function restore(name: string, { config, deployment, recordedAt }: Recording): Promise<RecordedStack> {
  const stateDir = await mkdtemp(join(tmpdir(), "twilio-recorded-"));
  await cp(join(recordings, name, "emulator"), stateDir, { recursive: true });
  // Timers at Twilio must not fire because the recording is old.
  const age = Date.now() - Date.parse(recordedAt);
  const emulator = await startEmulator({ stateDir, clock: { now: () => Date.now() - age } });
  const stack = await openStack({ twilio: emulator, config });
  // Refresh and destroy do not run the program: they take the configuration from the provider in the state.
  await stack.stack.importStack(JSON.parse(JSON.stringify(deployment).replaceAll(recordedUrl, emulator.url)));
  return {
    stack,
    twilio: emulatorClient(emulator),
    async close() {
      await stack.close();
      await emulator.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

type Body = Record<string, unknown> & { sid: string };

/** Every object of the account as Twilio's API returns it, by its path of SIDs. */
async function objectsOf({ accountSid, rest }: EmulatorClient): Promise<Record<string, Body>> {
  const found: Record<string, Body> = {};
  async function list(path: string, key: string, parent = ""): Promise<string[]> {
    const bodies = (await rest<Record<string, Body[]>>(`${path}?PageSize=100`))[key] as Body[];
    // Every update changes the date.
    for (const { date_updated, ...body } of bodies) found[parent + body.sid] = body;
    return bodies.map(({ sid }) => sid);
  }
  await list(`api.twilio.com/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers.json`, "incoming_phone_numbers");
  const services = "conversations.twilio.com/v1/Services";
  for (const service of await list(services, "services")) {
    const conversations = `${services}/${service}/Conversations`;
    for (const conversation of await list(conversations, "conversations", `${service}/`)) {
      await list(`${conversations}/${conversation}/Participants`, "participants", `${service}/${conversation}/`);
    }
  }
  return found;
}

/** No replacement, no creation, no deletion, and at most one update of each resource. */
function expectOnlyUpdates({ steps, changes }: Outcome): void {
  expect(Object.entries(changes).filter(([, op]) => op !== "update")).toEqual([]);
  const updates = steps.filter(({ op }) => op !== "same" && op !== "read");
  expect(updates.map(({ op }) => op)).toEqual(updates.map(() => "update"));
  const names = updates.map(({ name }) => name).sort();
  expect(names).toEqual([...new Set(names)]);
}

/** The program's arguments that an update has changed. */
function changedArguments({ steps }: Outcome, recording: Recording): string[] {
  const args = Object.fromEntries(managed(recording).map((one) => [nameOf(one), Object.keys(one.inputs)]));
  const changed = steps.flatMap(({ name, diff }) => Object.keys(diff).map((path) => ({ name, property: path.split(/[.[]/)[0] as string })));
  return changed.flatMap(({ name, property }) =>
    !property.startsWith("__") && args[name]?.includes(property) ? [`${name}: ${property}`] : [],
  );
}

/** By resource name, its id and which of its properties are encrypted. */
const idsAndSecrets = (resources: readonly StateResource[]) => {
  const encrypted = (properties: Record<string, unknown> = {}) =>
    Object.keys(properties).filter((key) => JSON.stringify(properties[key])?.includes('"ciphertext"'));
  return Object.fromEntries(
    resources.map((one) => [nameOf(one), { id: one.id, inputs: encrypted(one.inputs).sort(), outputs: encrypted(one.outputs).sort() }]),
  );
};

/** The ids of the objects that stay in the account when the stack is destroyed. */
function expectedToStay(objects: Record<string, Body>, recording: Recording, { kept }: RecordedProgram): string[] {
  const resources = managed(recording);
  expect(resources.map(nameOf)).toEqual(expect.arrayContaining([...kept]));
  const deleted = resources.filter((one) => !kept.includes(nameOf(one))).map(({ id }) => id);
  return Object.keys(objects).filter((id) => !deleted.includes(id));
}

describe.each(Object.entries(programs))("the state of the recording %s", (name, recorded) => {
  let recording: Recording;
  let restored: RecordedStack;

  beforeAll(async () => {
    recording = await readRecording(name);
    restored = await restore(name, recording);
    restored.stack.program = recorded.program("recorded");
  });
  afterAll(() => restored.close());

  it("needs no replacement, no creation, no deletion and at most one update of each resource", async () => {
    const preview = await restored.stack.preview();
    expectOk(preview);
    expectOnlyUpdates(preview);
  });

  it("is accepted by up, which renews the marks of renamed numbers, writes nothing else to Twilio, and keeps ids and secrets", async () => {
    const before = await objectsOf(restored.twilio);
    const renamed = managed(recording).filter(hasFormerMark);
    await restored.twilio.forgetCalls();
    const outcome = await restored.stack.up();
    expectOk(outcome);
    expectOnlyUpdates(outcome);
    expect(changedArguments(outcome, recording)).toEqual([]);
    const updates = { method: "POST", path: expect.stringContaining("/IncomingPhoneNumbers/{PhoneNumberSid}"), count: renamed.length };
    expect(await restored.twilio.writes()).toEqual(renamed.length > 0 ? [expect.objectContaining(updates)] : []);
    const marks = Object.fromEntries(
      renamed.map((one) => [
        one.id,
        { ...before[one.id], friendly_name: expect.stringMatching(new RegExp(`/${nameOf(one)} @[0-9a-f]{5}$`)) },
      ]),
    );
    expect(await objectsOf(restored.twilio)).toEqual({ ...before, ...marks });
    const resources = (await restored.stack.resources()).filter(isTwilio);
    expect(idsAndSecrets(resources)).toEqual(idsAndSecrets(recording.deployment.deployment.resources.filter(isTwilio)));
    expect(JSON.stringify(resources)).not.toContain("classified");
  });

  it("needs no change after that", async () => {
    expectNothing(await restored.stack.preview());
  });

  it("is not changed by refresh", async () => {
    expectNothing(await restored.stack.refresh());
  });

  it("takes an update of each resource in place", async () => {
    const { stack, twilio } = restored;
    const config = Object.entries(recorded.updatedConfig ?? {}).map(([key, value]) => [key, { value }]);
    if (config.length > 0) await stack.stack.setAllConfig(Object.fromEntries(config));
    stack.program = recorded.program("updated");
    const before = await objectsOf(twilio);
    const outcome = await stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual(Object.fromEntries(Object.keys(recorded.updates).map((updated) => [updated, "update"])));
    const after = await objectsOf(twilio);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const idOf = Object.fromEntries(managed(recording).map((one) => [nameOf(one), one.id]));
    for (const [updated, shown] of Object.entries(recorded.updates)) {
      expect({ [updated]: after[idOf[updated] as string] }).toMatchObject({ [updated]: shown });
    }
    const changed = Object.keys(after).filter((id) => JSON.stringify(after[id]) !== JSON.stringify(before[id]));
    const shown = Object.keys(recorded.updates).filter((updated) => Object.keys(recorded.updates[updated] ?? {}).length > 0);
    expect(changed.sort()).toEqual(shown.map((updated) => idOf[updated]).sort());
  });

  it("leaves at Twilio what is retained or was adopted, and nothing else, when it is destroyed", async () => {
    const staying = expectedToStay(await objectsOf(restored.twilio), recording, recorded);
    expectOk(await restored.stack.destroy());
    expect(Object.keys(await objectsOf(restored.twilio)).sort()).toEqual(staying.sort());
    expect(await restored.stack.resources()).toEqual([]);
  });

  describe("before any up", () => {
    let untouched: RecordedStack;
    let before: Record<string, Body>;

    beforeAll(async () => {
      untouched = await restore(name, recording);
      before = await objectsOf(untouched.twilio);
    });
    afterAll(() => untouched.close());

    it("is not changed by refresh, and needs at most one update of each resource after that", async () => {
      await untouched.twilio.forgetCalls();
      expectNothing(await untouched.stack.refresh());
      untouched.stack.program = recorded.program("recorded");
      const preview = await untouched.stack.preview();
      expectOk(preview);
      expectOnlyUpdates(preview);
      expect(await untouched.twilio.writes()).toEqual([]);
    });

    it("leaves the same objects at Twilio when it is destroyed", async () => {
      expectOk(await untouched.stack.destroy());
      expect(Object.keys(await objectsOf(untouched.twilio)).sort()).toEqual(expectedToStay(before, recording, recorded).sort());
    });
  });

  // To refresh and to destroy, the engine evaluates the text in the state. It then runs the release that is installed.
  it("names providers that this release still has", () => {
    const resources = recording.deployment.deployment.resources.filter(isTwilio) as StateResource[];
    const texts = [...new Set(resources.flatMap(({ inputs, outputs }) => [inputs.__provider, outputs.__provider]))];
    expect(texts.filter((text) => typeof text !== "string")).toEqual([]);
    const script = `
const evaluate = (text) => { const module = { exports: {} }; new Function("module", "exports", "require", text)(module, module.exports, require); return module.exports; };
const methods = ["check", "diff", "create", "read", "update", "delete"];
console.log(JSON.stringify(JSON.parse(process.env.TEXTS).map((text) => methods.filter((name) => typeof evaluate(text).handler()[name] !== "function"))));`;
    const missing = execFileSync(process.execPath, ["-e", script, "."], {
      cwd: root,
      env: { ...process.env, TEXTS: JSON.stringify(texts) },
    });
    expect(JSON.parse(String(missing))).toEqual(texts.map(() => []));
    for (const { type, outputs } of resources) expect(outputs.__provider).toContain(`.${type.split(":").at(-1)}`);
  });
});
