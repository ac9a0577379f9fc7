import { quickstart } from "./quickstart.mts";
import type { RecordedProgram } from "./recording.mts";
import { variants } from "./variants.mts";

/** The program of each recording, under the release that recorded it. A later release adds its own. */
export const programs: Readonly<Record<string, RecordedProgram>> = {
  "0.1.0-quickstart": quickstart,
  "0.1.0-variants": variants,
};
