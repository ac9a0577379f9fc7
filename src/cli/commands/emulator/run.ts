import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { Command } from "commander";
import type { Emulator } from "../../../emulator";
import { variablesOf } from "../../../emulator/handle";
import { note, printError } from "../../shared/output";
import { type EmulatorOptions, startOptions, startOrExplain } from "./start";

/** What a shell returns for a command that it does not find, and for one that it may not execute. */
const [NOT_FOUND, NOT_EXECUTABLE] = [127, 126];
/** What a shell adds to the number of the signal that ended a command. */
const BY_SIGNAL = 128;

/** `twilio-conversations emulator run -- COMMAND`: runs a command with an emulator of its own. */
export function runCommand(): Command {
  return new Command("run")
    .description("Run a command with its own emulator, which every Twilio client in it uses. Exits with the command's status.")
    .argument("<command...>", "the command and its arguments, after --")
    .addHelpText(
      "after",
      `
The emulator's options come before --. Without --port, it takes any free port.

The command gets the emulator's credentials, and the variables by which HTTP clients use a proxy and trust its authority. The proxy refuses
hosts other than *.twilio.com: name those that the command needs in NO_PROXY.

Examples:
  $ twilio-conversations emulator run -- pytest
  $ twilio-conversations emulator run --data twilio.yaml -- npm test
  $ twilio-conversations emulator run -- sh -c 'curl -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" https://conversations.twilio.com/v1/Services'`,
    )
    .action(async (command: string[], _options, run: Command) => {
      const options = run.optsWithGlobals<EmulatorOptions>();
      // A fixed port would allow one run at a time.
      const isChosen = run.getOptionValueSourceWithGlobals("port") !== "default";
      const signals = holdSignals();
      try {
        const emulator = await startOrExplain({ ...startOptions(options), port: isChosen ? options.port : 0, proxy: true });
        note(`note: the emulator runs at ${emulator.url} until the command ends`);
        process.exitCode = await statusOf(command, emulator, signals).finally(() => emulator.close());
      } finally {
        signals.release();
      }
    });
}

/** Runs the command, and returns its status as a shell does. */
function statusOf([program = "", ...args]: readonly string[], emulator: Emulator, signals: HeldSignals): Promise<number> {
  const env = { ...process.env, ...variablesOf(emulator), ...emulator.proxy?.environment };
  const child = spawn(program, args, { env, stdio: "inherit" });
  signals.forwardTo(child);
  return new Promise<number>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      printError(`error: cannot run ${program}: ${error.code === "ENOENT" ? "there is no such command" : error.message}\n`);
      resolve(error.code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE);
    });
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : BY_SIGNAL + constants.signals[signal]));
  });
}

/** The signals that ask this process to stop. The command receives them, and decides when and how to end. */
interface HeldSignals {
  /** Sends the signals that have arrived, and those that will. */
  forwardTo(child: ChildProcess): void;
  /** Lets a signal end this process again. */
  release(): void;
}

/**
 * Holds signals from before the emulator starts until it has closed. A signal that ended this process in between would leave
 * the command without a parent, and the emulator's temporary folder on the disk.
 */
function holdSignals(): HeldSignals {
  let send = (signal: NodeJS.Signals): void => void early.push(signal);
  const early: NodeJS.Signals[] = [];
  const receive = (signal: NodeJS.Signals): void => send(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
  for (const signal of signals) process.on(signal, receive);
  return {
    forwardTo(child) {
      for (const signal of early) child.kill(signal);
      send = (signal) => {
        // A terminal sends these to the command, too. With a second Ctrl-C, many programs stop without cleaning up.
        const isFromTerminal = process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT");
        if (!isFromTerminal) child.kill(signal);
      };
    },
    release() {
      for (const signal of signals) process.off(signal, receive);
    },
  };
}
