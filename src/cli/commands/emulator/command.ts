import { Command } from "commander";
import type { Emulator } from "../../../emulator";
import { portNumber, untilInterrupted, wholeNumber } from "../../shared/common";
import { print } from "../../shared/output";
import { credentialsIn, exportLines, proxyLines } from "./environment";
import { runCommand } from "./run";
import { type EmulatorOptions, startOrExplain } from "./start";

/** The default port; fixed, so that a client's settings remain valid after a restart. */
const DEFAULT_PORT = 4010;

/** The longest delay of a JavaScript timer. */
const MAX_LATENCY_MS = 2 ** 31 - 1;

/** `twilio-conversations emulator`: runs the emulator until it is interrupted. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("Run the Twilio emulator until Ctrl-C. It needs no account, and nothing is billed.")
    .option("--port <port>", "the port to listen on; 0 takes any free port", portNumber, DEFAULT_PORT)
    .option("--state <folder>", "keep the state in this folder for the next run (default: in memory only)")
    .option("--seed <text>", "use the same SIDs and times in every run with this seed")
    .option("--latency <ms>", "delay each response by this time", wholeNumber(0, MAX_LATENCY_MS), 0)
    .option("--proxy", "also serve as a proxy, through which unchanged clients reach it as https://*.twilio.com")
    .option("--json", "print only the URL and the credentials, as one line of JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations emulator
  $ twilio-conversations emulator --state .twilio
  $ twilio-conversations emulator --port 0 --json | head -1
  $ twilio-conversations emulator --state .twilio --proxy
  $ twilio-conversations emulator run -- pytest`,
    )
    .addCommand(runCommand())
    .action(serve);
}

async function serve({ port, state, seed, latency, proxy, json }: EmulatorOptions): Promise<void> {
  const emulator = await startOrExplain({ port, stateDir: state, seed, latencyMs: latency, proxy });
  const { url, accountSid, authToken, apiKey, apiSecret } = emulator;
  const ended = untilInterrupted();
  // Without a proxy, JSON leaves out its member.
  print(json ? `${JSON.stringify({ url, accountSid, authToken, apiKey, apiSecret, proxy: emulator.proxy })}\n` : describe(emulator, state));
  await ended;
  await emulator.close();
}

function describe(emulator: Emulator, state: string | undefined): string {
  const { url } = emulator;
  return `The emulator is running at ${url} (state: ${state ?? "in memory"}). Press Ctrl-C to stop.

${exportLines(credentialsIn(emulator))}
The path starts with Twilio's host name:

  curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" \\
    -d FriendlyName=Support $TWILIO_BASE_URL/conversations.twilio.com/v1/Services

Console with all objects and events: ${url}/
Messages that phones received: ${url}/_emulator/outbox
${proxyLines(emulator)}`;
}
