// The quickstart on the embedded Twilio with the real engine: npm start, npm start -- --help
import { parseArgs } from "node:util";
import { serveChat } from "./chat.mts";
import { interrupt, untilInterrupted } from "./interrupt.mts";
import { destroy, start } from "./quickstart.mts";
import { describeDestroyed, describeStarted, note } from "./report.mts";

const HELP = `npm start                 bring the quickstart up on the local Twilio, prove it, serve until Ctrl-C
npm start -- --once       end after the proof
npm start -- --destroy    remove what it made
  --json                  print the result as one JSON object; nothing else goes to stdout
  --state <folder>        keep the state of Twilio and of the stack there instead of in .twilio
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
    await start(settings, async (result, local) => {
      print(result, describeStarted);
      if (!settings.serve) return;
      if (!local.own) return note("Another process serves this Twilio, and goes on serving it.");
      const chat = await serveChat(result.backend.stateDir, result.serviceSid);
      note(`The chat, and the phone beside it: ${chat.url}
What happens in the local Twilio, live: ${local.url}/
Serving until Ctrl-C. The engine by hand, in another terminal:
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
    note("Interrupted. Nothing is left running, and the next `npm start` goes on from here.");
    process.exitCode = 130;
  } else {
    note(`error: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
