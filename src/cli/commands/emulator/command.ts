import { Command } from "commander";
import type { Emulator } from "../../../emulator";
import { isPortInUse, portNumber, untilInterrupted, wholeNumber } from "../../shared/common";
import { print } from "../../shared/output";

/** The default port; fixed, so that a client's settings remain valid after a restart. */
const DEFAULT_PORT = 4010;

/** The longest delay of a JavaScript timer. */
const MAX_LATENCY_MS = 2 ** 31 - 1;

interface EmulatorOptions {
  port: number;
  state?: string;
  seed?: string;
  latency: number;
  json?: true;
}

/** `twilio-conversations emulator`: runs the emulator until it is interrupted. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("Run the Twilio emulator until Ctrl-C. It needs no account, and nothing is billed.")
    .option("--port <port>", "the port to listen on; 0 takes any free port", portNumber, DEFAULT_PORT)
    .option("--state <folder>", "keep the state in this folder for the next run (default: in memory only)")
    .option("--seed <text>", "use the same SIDs and times in every run with this seed")
    .option("--latency <ms>", "delay each response by this time", wholeNumber(0, MAX_LATENCY_MS), 0)
    .option("--json", "print only the URL and the credentials, as one line of JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations emulator
  $ twilio-conversations emulator --state .twilio
  $ twilio-conversations emulator --port 0 --json | head -1`,
    )
    .action(serve);
}

async function serve({ port, state, seed, latency, json }: EmulatorOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const { startEmulator } = await import("../../../emulator");
  const emulator = await startEmulator({ port, stateDir: state, seed, latencyMs: latency }).catch((error: unknown) => {
    throw isPortInUse(error) ? new Error(`port ${port} is in use; choose another port with --port, or any free port with --port 0`) : error;
  });
  const { url, accountSid, authToken, apiKey, apiSecret } = emulator;
  const ended = untilInterrupted();
  print(json ? `${JSON.stringify({ url, accountSid, authToken, apiKey, apiSecret })}\n` : describe(emulator, state));
  await ended;
  await emulator.close();
}

function describe({ url, accountSid, authToken, apiKey, apiSecret }: Emulator, state: string | undefined): string {
  return `The emulator is running at ${url} (state: ${state ?? "in memory"}). Press Ctrl-C to stop.

  export TWILIO_BASE_URL=${url}
  export TWILIO_ACCOUNT_SID=${accountSid}
  export TWILIO_AUTH_TOKEN=${authToken}
  export TWILIO_API_KEY=${apiKey}
  export TWILIO_API_SECRET=${apiSecret}

The path starts with Twilio's host name:

  curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" \\
    -d FriendlyName=Support $TWILIO_BASE_URL/conversations.twilio.com/v1/Services

Console with all objects and events: ${url}/
Messages that phones received: ${url}/_emulator/outbox
`;
}
