import type { Definition } from "../lifecycle/definition";
import { type KindRun, kindRun } from "../lifecycle/kind-run";
import { ResourceLifecycle } from "../lifecycle/lifecycle";
import { missingObjects } from "../lifecycle/missing";
import { PartialFailure } from "../lifecycle/objects";
import type { Lifecycle } from "../lifecycle/operations";
import { type Props, plain } from "../lifecycle/props";
import type { Run } from "../lifecycle/run";
import { secretOutputsOf, secretsOf, secretValuesOf, withoutSecret } from "../lifecycle/secrets";
import { forgettingLists } from "../lifecycle/sibling-reads";
import { type AccountWait, stackAccount } from "../lifecycle/stack-account";
import type { EngineRequest } from "../process/engine-requests";
import type { Log } from "../process/log";
import { withMachineLock } from "../process/machine-lock";
import type { OpenNoteStore } from "../process/notes";
import { printable } from "../process/printable";
import { byName, secretValues } from "../process/redact";
import type { SetDefinition } from "../sets/set-definition";
import { SetLifecycle } from "../sets/set-lifecycle";
import { type Connection, connect, describeConnection, describePlace, type Environment } from "../twilio/connection";
import { UsageError } from "../twilio/errors";
import { openTwilio, type TransportOptions } from "../twilio/transport";

/** What the process provides. */
export interface ProviderHost {
  readonly environment: Omit<Environment, "config">;
  readonly log: Log;
  readonly openNotes: OpenNoteStore;
  /** Runs a task while no other process of this machine runs one with the same key. Default: with a lock file. */
  readonly lock?: Run["lock"];
  /** Aborted when the run is canceled. */
  readonly cancelled?: AbortSignal;
  /** The engine's last request about an object. */
  readonly requestAbout?: (id: string) => EngineRequest | undefined;
  /** The resource that has an object according to the backend's states. */
  readonly holderInBackend?: Run["holderInBackend"];
  /** The resources of a stack according to the backend's states. */
  readonly resourcesOfStack?: Run["resourcesOfStack"];
  /**
   * A digest of the organization and the backend. The provider has the engine's environment; an inline program of the Automation API does not.
   * Default: the organization.
   */
  readonly placeOf?: Run["placeOf"];
  /** Aborted when the engine ends this process; it has saved what the creates returned. */
  readonly ended?: AbortSignal;
  /** Receives each error before it leaves the provider. */
  readonly onError?: (error: Error) => void;
  /** How long the first create of a run waits for proof of the stack's account. Default: no wait. */
  readonly accountWait?: AccountWait;
  /** How requests travel and waits pass. Default: over the network, in real time. */
  readonly transport?: Pick<TransportOptions, "sendRequest" | "sleep" | "random">;
}

/** The methods of a dynamic provider that the engine calls. */
export interface DynamicProvider {
  configure(request: { config: { get(key: string): string | undefined } }): void;
  check(olds: Props, news: Props): Promise<{ inputs?: Props; failures?: { property: string; reason: string }[] }>;
  diff(id: string, olds: Props, news: Props): Promise<{ changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Props): Promise<{ id: string; outs: Props }>;
  read(id: string, props: Props): Promise<{ id?: string; props?: Props; inputs?: Props }>;
  update(id: string, olds: Props, news: Props): Promise<{ outs: Props }>;
  delete(id: string, props: Props): Promise<void>;
}

/**
 * The providers of one process. All resource types share one connection, one concurrency limit and one note store. `configure` only stores the
 * configuration and the connection is opened on first use, because the engine does not wait for `configure` on refresh and destroy.
 */
export function providers(host: ProviderHost): (definition: Definition | SetDefinition) => DynamicProvider {
  let config: (key: string) => string | undefined = () => undefined;
  let context: Promise<Run> | undefined;
  // One object's secret may be part of an error about another: a service lists its conversations.
  const secrets = secretValues();
  // Until the credentials are known, they can be recognized only by their names.
  const redact = (text: string) => printable(byName(secrets.redact(text)));

  async function openContext(): Promise<Run> {
    const connection: Connection = await connect({ ...host.environment, config });
    secrets.add(connection.secrets, connection.username);
    const log: Log = (severity, message, urn) => host.log(severity, redact(message), urn);
    log("info", describeConnection(connection));
    const notes = host.openNotes(`${connection.accountSid} ${connection.place}`);
    const done = new Set<string>();
    host.ended?.addEventListener("abort", () => {
      for (const key of done) notes.remove(key);
      notes.tidy?.();
    });
    return {
      twilio: forgettingLists(openTwilio(connection, { ...host.transport, log, cancelled: host.cancelled })),
      notes,
      missing: missingObjects(describePlace(connection), connection.acceptAllMissing, host.transport?.sleep),
      recordDone: (key) => void done.add(key),
      lock: host.lock ?? withMachineLock,
      account: stackAccount(connection.accountSid, host.accountWait),
      log,
      placeOf: host.placeOf ?? ((organization = "") => organization),
      previewLookups: connection.previewLookups,
      ...(host.requestAbout ? { requestAbout: host.requestAbout } : {}),
      ...(host.holderInBackend ? { holderInBackend: host.holderInBackend } : {}),
      ...(host.resourcesOfStack ? { resourcesOfStack: host.resourcesOfStack } : {}),
    };
  }

  const open = () => {
    context ??= openContext();
    return context;
  };

  // An object may be a resource today and an item of a set tomorrow: both know what the run knows of its kind.
  const kinds = new Map<string, KindRun>();
  const kindOf = ({ type }: Definition): KindRun => {
    const known = kinds.get(type) ?? kindRun();
    kinds.set(type, known);
    return known;
  };

  return (definition) => {
    const isSet = "item" in definition;
    const provider = isSet
      ? adapt({ fields: {} }, new SetLifecycle(definition, open, kindOf(definition.item)), redact)
      : adapt(definition, new ResourceLifecycle(definition, open, kindOf(definition)), redact);
    const outputs: Pick<Definition, "secretOutputs"> = isSet ? {} : definition;
    const configure: DynamicProvider["configure"] = (request) => {
      config = (key) => request.config.get(key);
    };
    return guarded(
      { ...provider, configure },
      {
        before: (props) => secrets.add([...secretValuesOf(props), ...secretOutputsOf(outputs, props)]),
        after: (props) => secrets.add(secretOutputsOf(outputs, props)),
        failed(error) {
          const safe = redacted(error, redact);
          host.onError?.(safe);
          return safe;
        },
      },
    );
  };
}

/** Around each call of a provider: what happens to its properties first, and to its error. */
interface Guard {
  before(props: Props): void;
  /** Receives the properties that a create, a read or an update returns. */
  after(props: Props): void;
  failed(error: unknown): Error;
}

function guarded(provider: DynamicProvider, { before, after, failed }: Guard): DynamicProvider {
  const methods = Object.entries(provider).map(([name, method]) => [
    name,
    name === "configure"
      ? method
      : async (...args: never[]) => {
          for (const props of args) if (typeof props === "object" && props !== null) before(props);
          try {
            const result = await (method as (...args: never[]) => unknown)(...args);
            const { outs, props } = (result ?? {}) as { outs?: Props; props?: Props };
            after({ ...props, ...outs });
            return result;
          } catch (error) {
            throw failed(error);
          }
        },
  ]);
  return Object.fromEntries(methods) as unknown as DynamicProvider;
}

/** A copy of an error with redacted texts. Of its other properties, only those of a partial failure are kept. */
function redacted(error: unknown, redact: (text: string) => string): Error {
  const { name = "Error", message = String(error), stack = "", reasons, id, properties } = error as Error & Partial<PartialResult>;
  const safe = Object.assign(new Error(redact(message)), { name, stack: redact(stack) });
  if (id === undefined) return safe;
  return Object.assign(safe, { id, properties, reasons: reasons?.map(redact) });
}

/** What the engine reads from an error in order to keep an object that was created. */
interface PartialResult {
  readonly id: string;
  readonly properties: Props;
  readonly reasons: readonly string[];
}

function adapt(
  definition: Pick<Definition, "fields">,
  cycle: Lifecycle,
  redact: (text: string) => string,
): Omit<DynamicProvider, "configure"> {
  return {
    async check(olds, news) {
      const { inputs, problems } = await cycle.check(olds, news);
      const shown = problems.map((problem) => withoutSecret(definition, problem, secretsOf(news)));
      // With the property in its own field, the engine would print its value, also of a secret.
      return {
        inputs: plain(inputs),
        failures: shown.map(({ property, reason }) => ({ property: "", reason: redact(`${property} ${reason}`) })),
      };
    },

    async diff(id, olds, news) {
      const { changes, replaces, deleteBeforeReplace, isAtTwilio } = await cycle.diff(id, olds, news);
      if (isAtTwilio) return { changes: true, replaces: [...replaces], deleteBeforeReplace };
      const none = changes.length === 0 && olds.__provider === news.__provider;
      // Without `changes: true`, the engine compares the inputs itself, which gives short previews and respects replaceOnChanges.
      return none ? { changes: false } : { replaces: [...replaces], deleteBeforeReplace };
    },

    async create(inputs) {
      const { id, outputs } = await withPartialFailure(inputs, () => cycle.create(inputs));
      return { id, outs: plain(outputs) };
    },

    async read(id, props) {
      const found = await cycle.read(id, props);
      // An empty id reports that the object does not exist any more.
      if (!found) return { id: "", props: {} };
      return { id, props: plain(found.outputs), ...(found.inputs ? { inputs: plain(found.inputs) } : {}) };
    },

    async update(id, olds, news) {
      const { outputs } = await withPartialFailure(news, () => cycle.update(id, olds, news));
      return { outs: plain(outputs) };
    },

    delete: (id, props) => cycle.delete(id, props),
  };
}

/** Gives a partial failure the form that makes the engine keep the object. Without `__provider`, the object could never be destroyed. */
async function withPartialFailure<T>(inputs: Props, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    const { id, outputs } = error.kept;
    throw Object.assign(new UsageError(error.message), {
      id,
      // Only what Twilio holds: a declared value beside it would hide what the next update has to do.
      properties: plain({ ...outputs, __provider: inputs.__provider }),
      reasons: [error.message],
    } satisfies PartialResult);
  }
}
