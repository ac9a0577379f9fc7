/** What programs do with a running emulator: in its own process directly, in another process through its control plane. */
import type { CreatedNamespace } from "./namespaces/namespaces";
import type { EmulatorSnapshots, Namespace, SnapshotInfo } from "./public-types";
import type { Snapshots } from "./snapshots/snapshots";

/** The snapshots of an emulator in this process. */
export const localSnapshots = (snapshots: Snapshots): EmulatorSnapshots => ({
  save: async (name) => snapshots.save(name),
  restore: async (name) => snapshots.restore(name),
  list: async () => snapshots.list(),
  delete: async (name) => snapshots.delete(name),
});

/** The snapshots of an emulator with this control plane. */
export const remoteSnapshots = (controlUrl: string): EmulatorSnapshots => ({
  save: (name) => control(controlUrl, "POST", "snapshots", { name }),
  restore: (name) => control(controlUrl, "POST", `snapshots/${encodeURIComponent(name)}/restore`),
  list: async () => (await control<{ snapshots: SnapshotInfo[] }>(controlUrl, "GET", "snapshots")).snapshots,
  delete: async (name) => void (await control(controlUrl, "DELETE", `snapshots/${encodeURIComponent(name)}`)),
});

/** A handle to a namespace of the emulator at this URL. */
export function namespaceAt(url: string, { name, accountSid, authToken, apiKey, apiSecret }: CreatedNamespace): Namespace {
  // Not the one in the answer: an emulator in a container does not know the address that clients have of it.
  const controlUrl = `${url}/_emulator/namespaces/${name}`;
  let closed: Promise<void> | undefined;
  return {
    name,
    url,
    controlUrl,
    accountSid,
    authToken,
    apiKey,
    apiSecret,
    snapshots: remoteSnapshots(controlUrl),
    reset: async () => void (await control(controlUrl, "POST", "reset")),
    close: () => {
      closed ??= control(`${url}/_emulator`, "DELETE", `namespaces/${name}`).then(() => {});
      return closed;
    },
  };
}

/** Sends a request to a control plane. */
export async function control<T>(controlUrl: string, method: "GET" | "POST" | "DELETE", path: string, input?: object): Promise<T> {
  const response = await fetch(`${controlUrl}/${path}`, { method, ...(input && { body: JSON.stringify(input) }) });
  const answer = (await response.json()) as { message?: string };
  if (!response.ok) throw new Error(`The emulator refuses ${method} ${controlUrl}/${path}: ${answer.message ?? `HTTP ${response.status}`}`);
  return answer as T;
}

/** The variables with the address and the credentials of an account of an emulator. */
export const variablesOf = ({
  url,
  accountSid,
  authToken,
  apiKey,
  apiSecret,
}: Pick<Namespace, "url" | "accountSid" | "authToken" | "apiKey" | "apiSecret">): Record<string, string> => ({
  TWILIO_BASE_URL: url,
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_API_KEY: apiKey,
  TWILIO_API_SECRET: apiSecret,
});
