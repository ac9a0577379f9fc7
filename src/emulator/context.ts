/** The parts of a running emulator, shared by its APIs. */
import type { Background } from "./background";
import type { CallCounter } from "./control/calls";
import type { Faults } from "./control/faults";
import type { History } from "./control/history";
import type { Data } from "./data/data";
import type { Domain } from "./domain";
import type { AllowedHosts } from "./http/allowed-hosts";
import type { MediaContents } from "./media-contents";
import type { Recorder } from "./record/recorder";
import type { Snapshots } from "./snapshots/snapshots";
import type { Webhooks } from "./webhooks/webhooks";

export interface EmulatorContext {
  domain: Domain;
  background: Background;
  calls: CallCounter;
  faults: Faults;
  history: History;
  contents: MediaContents;
  webhooks: Webhooks;
  /** What the emulator was started with, if anything. */
  data?: Data;
  recorder?: Recorder;
  snapshots: Snapshots;
  /** Under which names other machines reach the emulator. */
  allowedHosts?: AllowedHosts;
  /** What `GET /_emulator/health` returns besides the status. It contains no secrets. */
  about(): { url: string; [name: string]: unknown };
}
