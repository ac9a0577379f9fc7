/** Runs every operation on the suite's program once, for all subjects together, and records what happens. */
import { startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { type Outcome, openStack, type StateResource, type TestStack } from "../support/engine";
import { type Recorded, type Recorder, recorder } from "../support/recorder";
import { copiesOf, copyName, prefixOf, type Stage } from "./copies";
import { declareFixture, type Prepared, prepare } from "./fixture";
import { type Body, kindOf, type Subject } from "./subject";

/** An operation of the engine, and what it left. */
export interface Step {
  readonly outcome: Outcome;
  readonly state: Readonly<Record<string, StateResource>>;
  /** The requests that Twilio received during the operation. */
  readonly requests: readonly Recorded[];
  /** By resource name, the object that the state names after the operation. */
  readonly live: ReadonlyMap<string, Body | undefined>;
}

/** What the operations on the program showed. */
export interface Recording {
  readonly twilio: EmulatorClient;
  /** The address that the provider uses. */
  readonly url: string;
  readonly prepared: Prepared;
  /** By type token, the SIDs before the program ran. */
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** By type token, the singletons before the program ran. */
  readonly former: ReadonlyMap<string, Body | undefined>;
  readonly preview: Step;
  readonly listedAfterPreview: ReadonlyMap<string, readonly string[]>;
  readonly create: Step;
  readonly listedAfterCreate: ReadonlyMap<string, readonly string[]>;
  readonly second: Step;
  /** The output of previews of a program that gets a missing object of each type. */
  readonly missing: string;
  readonly set: Step;
  readonly changePreview: Step;
  readonly change: Step;
  /** By resource name, the objects that the state named before the replacements. */
  readonly replaced: ReadonlyMap<string, Body | undefined>;
  /** By resource name, the objects after somebody changed one of each type and deleted another. */
  readonly byHand: ReadonlyMap<string, Body | undefined>;
  readonly refresh: Step;
  readonly repair: Step;
  readonly unset: Step;
  readonly settled: Step;
  readonly destroy: Step;
  /** By resource name, the objects of the last state after destroy. */
  readonly left: ReadonlyMap<string, Body | undefined>;
  readonly listedAfterDestroy: ReadonlyMap<string, readonly string[]>;
  /** How many operations the engine carried out. */
  readonly operations: number;
}

/** The error that `get` reports for the missing object. */
export const missingError = (subject: Subject, accountSid: string): string =>
  subject.missing.error?.(accountSid) ??
  `${kindOf(subject)}.get: account ${accountSid} has no ${kindOf(subject)} ${JSON.stringify(subject.missing.id)}.`;

/** The name of the resource by which the program reads an object. */
export const readName = (subject: Subject): string => `${prefixOf(subject)}-get`;

type State = Readonly<Record<string, StateResource>>;

class ProgramRun {
  operations = 0;

  constructor(
    private readonly stack: TestStack,
    private readonly twilio: EmulatorClient,
    private readonly requests: Recorder,
    private readonly subjects: readonly Subject[],
    private readonly prepared: Prepared,
  ) {}

  /** The program of the next operations. With ids, it also reads an object of each type. */
  declare(stage: Stage, ids?: State): void {
    this.stack.program = async () => {
      const fixture = declareFixture(this.prepared);
      for (const subject of this.subjects) {
        const copies = copiesOf(subject).map(({ name, args }) => [name, subject.create(name, args(fixture, stage))] as const);
        const plain = copyName(subject, "plain");
        const id = ids?.[plain]?.id;
        // A singleton changes in the same run, and is read after that.
        const dependsOn = copies.flatMap(([name, resource]) => (name === plain ? [resource] : []));
        if (id !== undefined) subject.get(readName(subject), id, { dependsOn });
      }
    };
  }

  /** One operation. A resource that fails does not keep the engine from the others. */
  async step(operation: "preview" | "up" | "refresh" | "destroy"): Promise<Step> {
    this.operations += 1;
    this.requests.taken();
    const continues = operation === "up" || operation === "destroy";
    const outcome = await this.stack[operation](continues ? { continueOnError: true } : {});
    const requests = this.requests.taken();
    const state = await this.stack.state();
    return { outcome, state, requests, live: await this.fetch(state) };
  }

  /** The objects of all copies. */
  async fetch(state: State): Promise<ReadonlyMap<string, Body | undefined>> {
    const found = this.subjects.flatMap((subject) =>
      copiesOf(subject).map(async ({ name }) => {
        const id = state[name]?.id;
        return [name, id ? await subject.fetch(this.twilio, id) : undefined] as const;
      }),
    );
    return new Map(await Promise.all(found));
  }

  async list(): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = this.subjects.map(async (subject) => [subject.type, await subject.list(this.twilio)] as const);
    return new Map(await Promise.all(found));
  }

  /** The engine stops at the first error, so a missing object that it did not reach is read in another preview. */
  async readMissing(): Promise<string> {
    let text = "";
    let unreached = this.subjects;
    while (unreached.length > 0) {
      const batch = unreached;
      this.stack.program = async () => {
        for (const subject of batch) subject.get(`${prefixOf(subject)}-missing`, subject.missing.id);
      };
      this.operations += 1;
      text += (await this.stack.preview()).text;
      unreached = batch.filter((subject) => !text.includes(missingError(subject, this.twilio.accountSid)));
      if (unreached.length === batch.length) break;
    }
    return text;
  }

  /** Somebody changes an object of each type, and deletes another. */
  async changeByHand(state: State): Promise<void> {
    for (const subject of this.subjects) {
      const [drift, deleted] = [state[copyName(subject, "drift")]?.id, state[copyName(subject, "deleted")]?.id];
      if (drift) await subject.drift?.change(this.twilio, drift);
      if (deleted) await subject.remove?.(this.twilio, deleted);
    }
  }

  /** Somebody deletes an object of each type that destroy would delete. */
  async deleteByHand(state: State): Promise<void> {
    for (const subject of this.subjects) {
      const id = state[copyName(subject, "deleted")]?.id;
      if (id && !subject.kept) await subject.remove?.(this.twilio, id);
    }
  }
}

/** Runs every operation on the program. */
export async function record(subjects: readonly Subject[]): Promise<Recording> {
  const emulator = await startEmulator();
  const requests = await recorder(emulator.url);
  const twilio = emulatorClient(emulator);
  const stack = await openStack({
    twilio: { ...twilio, url: requests.url },
    env: { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" },
  });
  try {
    const prepared = await prepare(twilio);
    const program = new ProgramRun(stack, twilio, requests, subjects, prepared);
    const before = await program.list();
    const former = new Map<string, Body | undefined>();
    for (const { definition, type, fetch, idBefore } of subjects) {
      if (definition.singleton) former.set(type, await fetch(twilio, idBefore?.(prepared) ?? twilio.accountSid));
    }
    program.declare("create");
    const preview = await program.step("preview");
    const listedAfterPreview = await program.list();
    const create = await program.step("up");
    const listedAfterCreate = await program.list();
    const second = await program.step("up");
    const missing = await program.readMissing();
    program.declare("set", create.state);
    const set = await program.step("up");
    program.declare("change", create.state);
    const changePreview = await program.step("preview");
    const change = await program.step("up");
    const replaced = await program.fetch(set.state);
    await program.changeByHand(change.state);
    const byHand = await program.fetch(change.state);
    const refresh = await program.step("refresh");
    const repair = await program.step("up");
    program.declare("unset", create.state);
    const unset = await program.step("up");
    const settled = await program.step("preview");
    await program.deleteByHand(unset.state);
    const destroy = await program.step("destroy");
    const steps = { preview, create, second, set, changePreview, change, refresh, repair, unset, settled, destroy };
    return {
      ...{ twilio, url: requests.url, prepared, before, former, missing, replaced, byHand, listedAfterPreview, listedAfterCreate },
      ...steps,
      left: await program.fetch(unset.state),
      listedAfterDestroy: await program.list(),
      operations: program.operations,
    };
  } finally {
    await stack.close();
    await requests.close();
    await emulator.close();
  }
}
