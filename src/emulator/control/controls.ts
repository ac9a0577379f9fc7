/** What the handlers of the control plane share. */
import type { Background } from "../background";
import type { Domain } from "../domain";
import type { MediaContents } from "../media-contents";
import type { Webhooks } from "../webhooks/webhooks";
import type { CallCounter } from "./calls";
import type { Faults } from "./faults";
import type { History } from "./history";

/** The parts of a running emulator that can be looked at and changed. */
export interface Controls {
  domain: Domain;
  background: Background;
  calls: CallCounter;
  faults: Faults;
  history: History;
  contents: MediaContents;
  webhooks: Webhooks;
  /** What `health` tells beside the status: nothing secret. */
  about(): { url: string; [name: string]: unknown };
}

/** One request to the control plane. */
export interface ControlCall {
  controls: Controls;
  query: URLSearchParams;
  /** The JSON body. */
  input: Record<string, unknown> | unknown[];
}

/** A request the control plane cannot carry out. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
