import { Command } from "commander";
import type { Emulator } from "../../../emulator";
import { isPortInUse, untilInterrupted, wholeNumber } from "../../shared/common";

/** The port served unless told otherwise; fixed, so that a client's settings outlive a restart. */
const DEFAULT_PORT = 4010;

interface EmulatorOptions {
  port: number;
  state?: string;
  seed?: string;
  latency: number;
  json?: true;
}

/** `twilio-conversations emulator`: serves a local Twilio until it is interrupted. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("Serve a local Twilio until Ctrl-C: no account, nothing is billed.")
    .option("--port <port>", "the port to serve; 0 takes any free one", wholeNumber, DEFAULT_PORT)
    .option("--state <folder>", "keep everything in this folder and go on from there the next time (default: in memory only)")
    .option("--seed <text>", "make SIDs and times the same in every run with this seed")
    .option("--latency <ms>", "answer each request this much later", wholeNumber, 0)
    .option("--json", "print the address and the credentials as one line of JSON, and nothing else")
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
  // Loaded here, so that --help and mistyped commands answer at once.
  const { startEmulator } = await import("../../../emulator");
  const emulator = await startEmulator({ port, stateDir: state, seed, latencyMs: latency }).catch((error: unknown) => {
    throw isPortInUse(error) ? new Error(`port ${port} is in use; choose another with --port, or any free one with --port 0`) : error;
  });
  const { url, accountSid, authToken, apiKey, apiSecret } = emulator;
  const ended = untilInterrupted();
  process.stdout.write(json ? `${JSON.stringify({ url, accountSid, authToken, apiKey, apiSecret })}\n` : describe(emulator, state));
  await ended;
  await emulator.close();
}

function describe({ url, accountSid, authToken, apiKey, apiSecret }: Emulator, state: string | undefined): string {
  return `A local Twilio serves ${url} (state: ${state ?? "in memory"}). Ctrl-C ends it.

  export TWILIO_BASE_URL=${url}
  export TWILIO_ACCOUNT_SID=${accountSid}
  export TWILIO_AUTH_TOKEN=${authToken}
  export TWILIO_API_KEY=${apiKey}
  export TWILIO_API_SECRET=${apiSecret}

Twilio's host name goes first in the path:

  curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" \\
    -d FriendlyName=Support $TWILIO_BASE_URL/conversations.twilio.com/v1/Services

What there is and what happens, in a browser: ${url}/
What handsets received: ${url}/_emulator/outbox
`;
}
