import { Command } from "commander";
import type { Emulator } from "../../../emulator";
import { variablesOf } from "../../../emulator/handle";
import { portNumber, untilInterrupted, wholeNumber } from "../../shared/common";
import { print } from "../../shared/output";
import { table } from "../../shared/table";
import { exportLines, proxyLines } from "./environment";
import { runCommand } from "./run";
import { type EmulatorOptions, startOptions, startOrExplain } from "./start";

/** The default port; fixed, so that a client's settings remain valid after a restart. */
const DEFAULT_PORT = 4010;

/** The longest delay of a JavaScript timer. */
const MAX_LATENCY_MS = 2 ** 31 - 1;

/** `twilio-conversations emulator`: runs the emulator until it is interrupted. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("Run the Twilio emulator until Ctrl-C. It needs no account, and nothing is billed.")
    .option("--port <port>", "the port to listen on; 0 takes any free port", portNumber, DEFAULT_PORT)
    .option("--host <address>", "listen on this address, in a container on 0.0.0.0, and serve other machines (default: this machine only)")
    .option("--allow-host <name...>", "other host names that requests may name, besides localhost, the address and *.twilio.com")
    .option("--state <folder>", "keep the state in this folder for the next run (default: in memory only)")
    .option("--seed <text>", "use the same SIDs and times in every run with this seed")
    .option("--latency <ms>", "delay each response by this time", wholeNumber(0, MAX_LATENCY_MS), 0)
    .option("--write-limit <n>", "accept so many writes per second and service (Twilio: 30; default: any number)", wholeNumber(1, 10_000))
    .option("--proxy", "also serve as a proxy, through which unchanged clients reach it as https://*.twilio.com")
    .option("--data <file>", "create the objects of this YAML or JSON file, and change what differs from an earlier start")
    .option("--watch", "apply each change of the file of --data")
    .option("--record <file>", "record all requests without secrets in this file (HAR 1.2), for `replay`")
    .option("--json", "print only the URL, the credentials and the SIDs of --data, as one line of JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations emulator
  $ twilio-conversations emulator --state .twilio
  $ twilio-conversations emulator --port 0 --json | head -1
  $ twilio-conversations emulator --state .twilio --proxy
  $ twilio-conversations emulator --data twilio.yaml --watch
  $ twilio-conversations emulator --host 0.0.0.0 --allow-host twilio host.docker.internal
  $ twilio-conversations emulator run -- pytest`,
    )
    .addCommand(runCommand())
    .action(serve);
}

async function serve(options: EmulatorOptions): Promise<void> {
  const { port, state, proxy, data, json } = options;
  const emulator = await startOrExplain({ ...startOptions(options), port, proxy });
  const { url, accountSid, authToken, apiKey, apiSecret } = emulator;
  const ended = untilInterrupted();
  const sids = data === undefined ? undefined : emulator.sids;
  // JSON leaves out what is undefined.
  print(
    json
      ? `${JSON.stringify({ url, accountSid, authToken, apiKey, apiSecret, proxy: emulator.proxy, sids })}\n`
      : describe(emulator, state),
  );
  await ended;
  await emulator.close();
}

function describe(emulator: Emulator, state: string | undefined): string {
  const { url } = emulator;
  return `The emulator is running at ${url} (state: ${state ?? "in memory"}). Press Ctrl-C to stop.

${exportLines(variablesOf(emulator))}
The path starts with Twilio's host name:

  curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" \\
    -d FriendlyName=Support $TWILIO_BASE_URL/conversations.twilio.com/v1/Services

Console with all objects and events: ${url}/
Messages that phones received: ${url}/_emulator/outbox
${dataLines(emulator)}${proxyLines(emulator)}`;
}

/** The objects of the data file by name. */
function dataLines({ url, sids }: Emulator): string {
  const rows = Object.entries(sids).flatMap(([section, byName]) =>
    Object.entries(byName).map(([name, sid]) => [`${section}.${name}`, sid]),
  );
  return rows.length === 0 ? "" : `\n${table(["Name", "SID"], rows)}\nAs JSON: ${url}/_emulator/data\n`;
}
