import { type Connection, describeConnection } from "../../core/twilio/connection";
import { UsageError } from "../../core/twilio/errors";
import { isLoopbackUrl } from "../../process/loopback-url";

/** The emulator's control plane, below `/_emulator/`. */
export interface ControlPlane {
  /** Sends a request; an error of the emulator becomes an error of the command. */
  request<T>(method: "GET" | "POST" | "DELETE", path: string, input?: object): Promise<T>;
  /** Opens a response that does not end by itself. */
  open(path: string, signal: AbortSignal): Promise<Response>;
}

const TIMEOUT_MS = 15_000;

type Reached = Pick<Connection, "baseUrl" | "username">;

/** The control plane of the emulator that a connection leads to; nothing where it leads to something else. */
async function controlPlaneAt({ baseUrl, username }: Reached): Promise<ControlPlane | undefined> {
  if (baseUrl === undefined || !isLoopbackUrl(baseUrl)) return undefined;
  // The user selects the emulator's namespace, without a password: the control plane needs none.
  const headers = { authorization: `Basic ${Buffer.from(`${username}:`).toString("base64")}` };
  const send = (path: string, init: RequestInit) => fetch(`${baseUrl}/_emulator/${path}`, { redirect: "error", headers, ...init });
  const signal = () => AbortSignal.timeout(TIMEOUT_MS);
  const health = await send("health", { signal: signal() })
    .then((response) => response.json())
    .catch(() => undefined);
  if (typeof (health as { instance?: unknown } | undefined)?.instance !== "string") return undefined;
  return {
    open: (path, ended) => send(path, { signal: ended }),
    async request(method, path, input) {
      const body = input === undefined ? {} : { body: JSON.stringify(input) };
      const response = await send(path, { method, signal: signal(), ...body });
      const answer = (await response.json()) as { message?: string };
      if (!response.ok) throw new UsageError(`the emulator refuses this: ${answer.message ?? `HTTP ${response.status}`}.`);
      return answer as never;
    },
  };
}

/** The control plane, for a command that Twilio itself has no API for. `why` says that, and what to do instead. */
export async function requireEmulator(connection: Connection, why: string): Promise<ControlPlane> {
  const found = await controlPlaneAt(connection);
  if (found) return found;
  throw new UsageError(
    `${why} This is ${describeConnection(connection).replace(/^Twilio: /, "")}. To use the emulator, set twilio:backend to emulator, or run ` +
      "`twilio-conversations emulator` and the export lines that it prints.",
  );
}

/** How far `advanceSeconds` has moved the emulator's clock; 0 at Twilio. Tokens follow it, so it is no fault of this machine's clock. */
export async function advancedMs(connection: Reached): Promise<number> {
  const control = await controlPlaneAt(connection);
  if (!control) return 0;
  const { advancedSeconds = 0 } = await control.request<{ advancedSeconds?: number }>("GET", "clock");
  return advancedSeconds * 1000;
}
