import { Command } from "commander";
import { exitCodes } from "../../shared/exit-codes";
import { print } from "../../shared/output";
import type { Archive } from "./archive";
import type { DifferentRequest } from "./replay";

interface ReplayOptions {
  seed?: string;
  data?: string;
  json?: true;
}

/** `twilio-conversations replay`: sends the requests of a recording to a new emulator. */
export function replayCommand(): Command {
  return new Command("replay")
    .description("Send the requests of a recording to a new emulator, and compare the responses. Exits with 1 if any differs.")
    .argument("<file>", "a recording (HAR 1.2) of `emulator --record`, of a browser or of a proxy")
    .option("--seed <text>", "the seed of the emulator; use that of the recording")
    .option("--data <file>", "create the objects of this YAML or JSON file first; use that of the recording")
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
SIDs, dates, secrets and the numbers that a search finds may differ. Requests to hosts other than Twilio's REST API are skipped, and so are
those whose response is missing, 429 or 5xx.

Examples:
  $ twilio-conversations emulator run --record run.har -- npm test
  $ twilio-conversations replay run.har
  $ twilio-conversations replay run.har --json`,
    )
    .action(run);
}

async function run(file: string, { seed, data, json }: ReplayOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ readArchive }, { replay }, { startEmulator }] = await Promise.all([
    import("./archive"),
    import("./replay"),
    import("../../../emulator"),
  ]);
  const archive = readArchive(file);
  // The time of the recording, so that timers and schedules end as they did.
  let now = archive.requests.find(({ at }) => Number.isFinite(at))?.at ?? Date.now();
  const setTime = (at: number) => {
    now = Math.max(now, at);
  };
  const emulator = await startEmulator({ seed, data, clock: { now: () => now } });
  try {
    const differences = await replay(archive.requests, emulator, setTime);
    const { skipped } = archive;
    const result = { file, replayed: archive.requests.length, skipped, differences };
    print(json ? `${JSON.stringify(result)}\n` : describe(archive, differences));
    if (differences.length > 0) process.exitCode = exitCodes.error;
  } finally {
    await emulator.close();
  }
}

function describe({ requests, skipped }: Archive, different: readonly DifferentRequest[]): string {
  const blocks = different.map(({ number, method, url, differences }) => {
    const lines = differences.map(
      ({ path, recorded, replayed }) => `  ${path}: ${shownValue(recorded)} in the recording, ${shownValue(replayed)} in the replay\n`,
    );
    return `Request ${number}: ${method} ${url}\n${lines.join("")}\n`;
  });
  const left = [
    ...(skipped.otherHosts > 0 ? [`${skipped.otherHosts} skipped that are not for Twilio's REST API`] : []),
    ...(skipped.withoutResponse > 0 ? [`${skipped.withoutResponse} skipped whose response is missing, 429 or 5xx`] : []),
  ];
  const summary = `${requests.length} ${requests.length === 1 ? "request" : "requests"} replayed, ${different.length} with differences`;
  return `${blocks.join("")}${[summary, ...left].join("; ")}.\n`;
}

const shownValue = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
