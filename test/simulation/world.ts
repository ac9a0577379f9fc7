/** The world of a history: a Twilio account, stacks in two backends, and everything that happens to them. */
import { catalog } from "../../src/catalog";
import type { Definition } from "../../src/core/lifecycle/definition";
import { type DynamicProvider, providers } from "../../src/core/provider/dynamic-provider";
import { type Random, seeded } from "../../tools/harness/random.mts";
import { VirtualClock } from "./clock";
import { EmulatedTwilio, type Row } from "./emulated-twilio";
import { Operation } from "./engine";
import { Network, type Write } from "./faults";
import { type Event, edited, type History } from "./history";
import { Machine } from "./machine";
import type { Host, Planned } from "./operation";
import { never, SimulatedProcess } from "./process";
import { nameOf, programOf, type Surroundings } from "./program";
import { type Live, Somebody } from "./somebody";
import type { Name, Outcome, Run, Sabotage, Session, Stack } from "./stack";
import { type Declared, lastSid, masked, renamed, type Snapshot } from "./state";

/** How long the engine takes to start. */
const startMs = 3_000;

export class World {
  readonly clock = new VirtualClock();
  readonly twilio: EmulatedTwilio;
  readonly network: Network;
  readonly stacks: readonly Stack[];
  readonly outcomes: Outcome[] = [];
  /** Everything that a user or another program can read, with the stack that it comes from. */
  readonly outputs: { readonly stack: string; readonly text: string }[] = [];
  /** Objects that left a state, whether deleted or not, and how many writes Twilio had carried out then. */
  readonly letGo = new Map<string, number>();
  /** The stacks that have adopted an object, and whether their programs said that it is to be deleted. */
  readonly adoptions = new Map<string, "kept" | "deleted">();
  /** Objects that a stack has found, `stack SID`: nothing shows that they are its own. */
  readonly found = new Set<string>();
  /** Objects that some state has had. */
  readonly everHeld = new Set<string>();
  private readonly random: Random;
  private readonly somebody: Somebody;
  around: Surroundings = { forSale: [], ownedNumber: "", lobby: "" };

  /** `sabotage`: makes a fault of a provider, in order to see it found. */
  constructor(
    private readonly history: Pick<History, "seed" | "programs" | "hidesStates">,
    private readonly sabotage: Sabotage = (provider) => provider,
  ) {
    this.random = seeded(history.seed);
    this.twilio = new EmulatedTwilio(this.clock);
    this.network = new Network(this.clock, this.twilio, this.random);
    this.somebody = new Somebody(this.network, this.twilio.accountSid, () => this.twilio.rows());
    const [laptop, server] = [new Machine(), new Machine()];
    const stack = (id: string, name: string, index: number, machine: Machine, backend: string): Stack => ({
      id,
      name,
      specs: history.programs[index] ?? [],
      state: JSON.stringify({ resources: [], pending: [] } satisfies Snapshot),
      machine,
      backend,
    });
    this.stacks = [stack("A", "dev", 0, laptop, "one"), stack("B", "prod", 1, laptop, "one"), stack("C", "dev", 2, server, "two")];
  }

  /** Creates what exists before any program runs. */
  async open(): Promise<void> {
    const account = `/2010-04-01/Accounts/${this.twilio.accountSid}`;
    const query = { AreaCode: "415", SmsEnabled: "true" };
    const offers = await this.twilio.send({ method: "get", product: "api", path: `${account}/AvailablePhoneNumbers/US/Local.json`, query });
    const forSale = (offers.available_phone_numbers as Row[]).map(({ phone_number }) => String(phone_number));
    const ownedNumber = forSale.pop() as string;
    await this.somebody.send("post", "api", `${account}/IncomingPhoneNumbers.json`, { PhoneNumber: ownedNumber });
    const { body } = await this.somebody.send("post", "conversations", "/v1/Conversations", { FriendlyName: "Lobby" });
    this.around = { forSale: forSale.reverse(), ownedNumber, lobby: String((body as Row).sid) };
  }

  snapshot({ state }: Stack): Snapshot {
    return JSON.parse(state);
  }

  program(stack: Stack): Declared[] {
    return programOf(stack.specs, stack.id, this.around);
  }

  /** The objects that exist, of the kinds that programs declare. */
  live(): Live[] {
    return this.somebody.live();
  }

  async happen(event: Event): Promise<void> {
    switch (event.event) {
      case "edit": {
        const stack = this.stacks[event.stack] as Stack;
        stack.specs = edited(stack.specs, event.key, event.edit);
        return;
      }
      case "rename stack": {
        const stack = this.stacks[event.stack] as Stack;
        const name = stack.name.endsWith("2") ? stack.name.slice(0, -1) : `${stack.name}2`;
        stack.state = JSON.stringify(renamed(this.snapshot(stack), stack.name, name));
        stack.name = name;
        return;
      }
      case "application writes":
        return this.somebody.write(event.pick);
      case "object is deleted":
        return this.somebody.delete(event.pick);
      case "somebody creates":
        return this.somebody.create(event.what, event.key, this.around.forSale);
      case "clock step":
        this.clock.machineAheadMs += event.seconds * 1000;
        return;
      case "wait":
        return this.clock.sleep(event.seconds * 1000);
      case "together":
        await Promise.all(event.operations.map((one) => this.happen(one)));
        return;
      default:
        await this.operate(this.stacks[event.stack] as Stack, event.event, event);
    }
  }

  /** An operation of Pulumi; `up` and `destroy` preview first. */
  async operate(stack: Stack, event: Name, run: Run = {}): Promise<Outcome> {
    for (const { kind, keeps } of stack.specs) {
      if (!kind.startsWith("adopted")) continue;
      const key = `${stack.id} ${kind === "adopted number" ? this.around.ownedNumber : this.around.lobby}`;
      if (this.adoptions.get(key) !== "deleted") this.adoptions.set(key, keeps === "remove" ? "deleted" : "kept");
    }
    const target = stack.specs.find(({ key }) => key === run.target);
    const options = { ...run, targets: target && [nameOf(target, target.letter)] };
    const outcome =
      event === "up" || event === "destroy"
        ? await this.previewed(stack, event, options)
        : await this.carryOut(stack, event, event === "preview", options);
    this.outcomes.push(outcome);
    return outcome;
  }

  private async previewed(stack: Stack, event: Name, options: Run & { targets?: readonly string[] | undefined }): Promise<Outcome> {
    const preview = await this.carryOut(stack, event, true, { targets: options.targets, pace: options.pace });
    if (preview.error !== undefined) return preview;
    const outcome = await this.carryOut(stack, event, false, options);
    return { ...outcome, planned: preview.planned, previewLines: preview.lines };
  }

  private async carryOut(
    stack: Stack,
    event: Name,
    isPreview: boolean,
    { faults = [], killAt, pace = [], targets, acceptsAllMissing = false }: Run & { targets?: readonly string[] | undefined },
  ): Promise<Outcome> {
    await this.clock.sleep(startMs);
    const process = new SimulatedProcess(killAt);
    const begunAt = this.clock.now;
    const ending = new AbortController();
    const lines: string[] = [];
    const found: string[] = [];
    const heldByOthers = new Set(
      this.othersInBackend(stack).flatMap((other) => this.snapshot(other).resources.map(({ id }) => lastSid(id))),
    );
    let error: string | undefined;
    let planned: ReadonlyMap<string, Planned> = new Map();
    const task = async () => {
      const operation = new Operation(
        this.host(stack, { process, ended: ending.signal, faults, pace, lines, found, acceptsAllMissing }),
        isPreview,
      );
      planned = operation.planned;
      if (event === "refresh") await operation.refresh();
      else if (event === "destroy") await operation.destroy(targets);
      else await operation.program(this.program(stack), targets);
    };
    await Promise.race([process.killed, task()]).catch((thrown: Error) => {
      error = thrown.message;
      if (thrown instanceof TypeError || thrown instanceof ReferenceError || thrown instanceof RangeError) error += `\n${thrown.stack}`;
    });
    // The engine ends its providers after each run, also after one that fails.
    if (process.isAlive) ending.abort();
    const wasKilled = !process.isAlive;
    process.isAlive = false;
    const texts = [...lines, error ?? "", masked(this.snapshot(stack)), ...stack.machine.notes.values()];
    this.outputs.push(...texts.map((text) => ({ stack: stack.id, text })));
    const isDisturbed = faults.length > 0 || killAt !== undefined;
    return {
      stack,
      event,
      error,
      wasKilled,
      isDisturbed,
      planned,
      process,
      begunAt,
      endedAt: this.clock.now,
      previewLines: [],
      lines,
      found,
      heldByOthers,
    };
  }

  /** What an operation of one process works with. */
  private host(stack: Stack, { process, ended, faults, pace, lines, found, acceptsAllMissing }: Session): Host {
    const requests = new Map<string, { urn: string; identity: string | undefined }>();
    const { clock, random } = this;
    const config: Record<string, string> = {
      "twilio:accountSid": this.twilio.accountSid,
      "twilio:authToken": this.twilio.authToken,
      "twilio:acceptAllMissing": String(acceptsAllMissing),
    };
    const log = (severity: string, message: string) => void (process.isAlive && lines.push(`${severity}: ${message}`));
    // One provider for each kind, as in a process of the engine.
    const known = new Map<Definition, DynamicProvider>();
    const providerOf = providers({
      environment: { env: {}, cwd: "/nowhere", openEmbedded: () => Promise.reject(new Error("the embedded emulator was opened")) },
      log,
      openNotes: stack.machine.openNotes(process),
      lock: stack.machine.lock(process),
      ended,
      holderInBackend: (id, own) => this.holder(stack, id, own),
      requestAbout: (id) => requests.get(id),
      transport: {
        sendRequest: this.network.sendFor(process, faults, pace),
        sleep: async (ms) => {
          await clock.sleep(ms);
          if (!process.isAlive) return never();
        },
        random: () => random.next(),
      },
    });
    return {
      process,
      stack,
      place: stack.backend,
      providerOf: (definition) => {
        const provider = known.get(definition) ?? this.sabotage(providerOf(definition), (line) => log("info", line));
        if (!known.has(definition)) provider.configure({ config: { get: (key) => config[key] } });
        known.set(definition, provider);
        return provider;
      },
      definitionOf: (type) => catalog.find((definition) => definition.type === type) as (typeof catalog)[number],
      announceRequest: (id, urn, inputs) => void requests.set(id, { urn, identity: inputs.__id as string | undefined }),
      load: () => this.snapshot(stack),
      save: (snapshot) => {
        if (!process.proceeds()) return;
        found.push(...this.newlyFound(stack, snapshot));
        stack.state = JSON.stringify(snapshot);
      },
      letGo: ({ id }) => {
        if (process.isAlive) this.letGo.set(lastSid(id), this.network.writes.length);
      },
    };
  }

  private othersInBackend(stack: Stack): Stack[] {
    return this.history.hidesStates ? [] : this.stacks.filter((other) => other !== stack && other.backend === stack.backend);
  }

  /** What the backend's states say of an object, where it keeps them on this machine. */
  private holder(stack: Stack, object: string, own: string | undefined): { readonly urn: string } | undefined {
    if (this.history.hidesStates) return undefined;
    const all = [stack, ...this.othersInBackend(stack)].flatMap((one) => this.snapshot(one).resources);
    return all.find(({ id, urn }) => id === object && urn !== own);
  }

  /** The objects that a save brings into a state, although this stack has not just created them. */
  private newlyFound(stack: Stack, { resources }: Snapshot): string[] {
    const before = new Set(this.snapshot(stack).resources.map(({ id }) => lastSid(id)));
    const come = resources.filter(({ id, type }) => !before.has(lastSid(id)) && !type.endsWith("Configuration"));
    const found = come
      .filter(
        ({ id, inputs }) => inputs.adopt === undefined && (this.everHeld.has(lastSid(id)) || this.creatorOf(lastSid(id)) !== stack.id),
      )
      .map(({ id }) => lastSid(id));
    for (const { id } of come) this.everHeld.add(lastSid(id));
    for (const sid of found) this.found.add(`${stack.id} ${sid}`);
    return found;
  }

  /** What Twilio carried out of an operation, also after its process was killed. */
  writesOf({ process }: Outcome): Write[] {
    return this.network.writes.filter(({ actor }) => actor?.process === process);
  }

  /** Which stack created an object; nobody's, if none did. */
  creatorOf(sid: string): string | undefined {
    return this.network.writes.find(({ after, before, actor }) => actor && !before && after?.sid === sid)?.actor?.stack;
  }
}
