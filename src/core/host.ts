import { type Connection, connect, describeConnection, type Surroundings } from "./connection";
import type { Context, Definition, Props } from "./definition";
import { UsageError } from "./errors";
import { type Lifecycle, lifecycle, PartialFailure } from "./lifecycle";
import type { Memory } from "./memory";
import { openTwilio } from "./transport";
import { plain } from "./wire";

/** What the process around the provider lends it. */
export interface Host {
  readonly around: Omit<Surroundings, "config">;
  readonly log: Context["log"];
  readonly memory: Memory;
}

/** Pulumi's side of a dynamic provider: the methods that the engine calls, by the shapes it passes. */
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
 * The providers of one process: one connection, one concurrency limit and one memory for all resource types. The connection is made on first
 * use and the configuration only stored before, because the engine does not wait for `configure` on refresh and destroy.
 */
export function providers(host: Host): (definition: Definition) => DynamicProvider {
  let config: (key: string) => string | undefined = () => undefined;
  let context: Promise<Context> | undefined;

  const open = () => {
    context ??= openContext(host, config);
    return context;
  };

  return (definition) =>
    adapt(lifecycle(definition, open, host.memory), (get) => {
      config = get;
    });
}

async function openContext(host: Host, config: (key: string) => string | undefined): Promise<Context> {
  const connection: Connection = await connect({ ...host.around, config });
  host.log("info", describeConnection(connection));
  return {
    twilio: openTwilio(connection, { log: host.log }),
    memory: host.memory,
    log: host.log,
  };
}

function adapt(cycle: Lifecycle, configure: (get: (key: string) => string | undefined) => void): DynamicProvider {
  return {
    configure: ({ config }) => configure((key) => config.get(key)),

    async check(olds, news) {
      const { inputs, problems } = await cycle.check(olds, news);
      return { inputs: plain(inputs), failures: problems };
    },

    async diff(id, olds, news) {
      const { changes, replaces, deleteBeforeReplace } = await cycle.diff(id, olds, news);
      const none = changes.length === 0 && olds.__provider === news.__provider;
      // Not `true`: told that it does not know, the engine compares the inputs itself, which gives short previews and obeys replaceOnChanges.
      return none ? { changes: false } : { replaces: [...replaces], deleteBeforeReplace };
    },

    async create(inputs) {
      const { id, outputs } = await whole(inputs, () => cycle.create(inputs));
      return { id, outs: plain(outputs) };
    },

    async read(id, props) {
      const found = await cycle.read(id, props);
      // An empty id is how a dynamic provider says that the object is gone.
      return found ? { id, props: plain(found.outputs), inputs: plain(found.inputs) } : { id: "", props: {} };
    },

    async update(id, olds, news) {
      const { outputs } = await whole(news, () => cycle.update(id, olds, news));
      return { outs: plain(outputs) };
    },

    delete: (id, props) => cycle.delete(id, props),
  };
}

/** Gives a partial failure the form in which the engine keeps the object; without `__provider` it could never be destroyed. */
async function whole<T>(inputs: Props, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    const { id, outputs } = error.kept;
    throw Object.assign(new UsageError(error.message), {
      id,
      properties: plain({ ...inputs, ...outputs }),
      reasons: [error.message],
    });
  }
}
