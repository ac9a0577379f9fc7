/** A server between the providers and the emulator that answers one request with something else. */
import { type ProxiedRequest, type ProxiedResponse, startDisturbingProxy } from "../../tools/harness/disturbing-proxy.mts";

/** Decides what to answer in place of the true response. `undefined`: the true response. */
export type Lie = (call: ProxiedRequest, truth: ProxiedResponse) => ProxiedResponse | undefined;

/** The server. */
export interface LyingServer {
  readonly url: string;
  lie: Lie | undefined;
  /** The requests since the previous call of this method. */
  taken(): ProxiedRequest[];
  close(): Promise<void>;
}

/** Starts the server. Every request is carried out by the emulator before the answer is replaced. */
export async function startLyingServer(target: string): Promise<LyingServer> {
  let calls: ProxiedRequest[] = [];
  const proxy = await startDisturbingProxy(target);
  proxy.disturbance = async (call, send) => {
    calls.push(call);
    const truth = await send();
    return self.lie?.(call, truth) ?? truth;
  };
  const self: LyingServer = {
    url: proxy.url,
    lie: undefined,
    taken() {
      const taken = calls;
      calls = [];
      return taken;
    },
    close: proxy.close,
  };
  return self;
}
