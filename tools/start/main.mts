// Runs the quickstart on the embedded emulator with the real engine: npm start, npm start -- --help
import { parseArgs } from "node:util";
import { serveChat } from "./chat.mts";
import { interrupt, untilInterrupted } from "./interrupt.mts";
import { destroy, start } from "./quickstart.mts";
import { describeDestroyed, describeStarted, note } from "./report.mts";

const HELP = `npm start                 deploy the quickstart to the emulator, verify it, serve the chat until Ctrl-C
npm start -- --once       exit after the verification
npm start -- --destroy    destroy the quickstart
  --json                  print the result as one JSON object and nothing else to stdout
  --state <folder>        folder for the state of the emulator and the stack (default: .twilio)
`;

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      destroy: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      state: { type: "string", default: ".twilio" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const settings = { stateDir: options.state, quiet: options.json, serve: !options.once && !options.destroy };
  const print = <T,>(result: T, describe: (result: T) => string) =>
    void process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : describe(result));

  if (options.help) {
    process.stdout.write(HELP);
  } else if (options.destroy) {
    await destroy(settings, (result) => print(result, describeDestroyed));
  } else {
    await start(settings, async (result, emulator) => {
      print(result, describeStarted);
      if (!settings.serve) return;
      if (!emulator.isOwn) return note("Another process runs this emulator and keeps running.");
      const chat = await serveChat(result.backend.stateDir, result.serviceSid);
      note(`Chat and virtual phone: ${chat.url}
Emulator console:       ${emulator.url}/
Serving until Ctrl-C. To run Pulumi on this stack in another terminal:
  export PATH="$(npm run --silent engine | tail -1):$PATH" ${result.byHand.join(" ")}
  pulumi stack --stack ${result.backend.stack}`);
      await untilInterrupted();
      await chat.close();
    });
  }
}

try {
  await main();
} catch (error) {
  if (interrupt.aborted) {
    note("Interrupted. No process is left running. The next `npm start` continues from here.");
    process.exitCode = 130;
  } else {
    note(`error: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
