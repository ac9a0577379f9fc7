import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Command } from "commander";
import { CHAT_PORT } from "../../../chat/serve";
import type { Connection } from "../../../core/twilio/connection";
import { isLoopbackUrl } from "../../../process/loopback-url";
import { isPortInUse, portNumber, untilInterrupted } from "../../shared/common";
import { print } from "../../shared/output";

interface ChatOptions {
  service?: string;
  identity?: string;
  port: number;
  profile?: string;
  stack?: string;
  open: boolean;
  json?: true;
}

/** `twilio-conversations chat`: serves the chat page until it is interrupted. */
export function chatCommand(): Command {
  return new Command("chat")
    .description("Serve a chat page for a stack's conversations until Ctrl-C; on the emulator, with virtual phones.")
    .option("--service <sid>", "the conversation service, IS… (default: the stack's output serviceSid)")
    .option("--identity <identity>", "sign in as this chat participant (default: the page asks)")
    .option("--port <port>", "the port to listen on; 0 takes any free port", portNumber, CHAT_PORT)
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--no-open", "do not open the page in the browser")
    .option("--json", "print only the page's URL, the account and the service, as one line of JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations chat
  $ twilio-conversations chat --stack prod --identity testPineapple
  $ twilio-conversations chat --service ISxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx --profile project-danger`,
    )
    .action(serve);
}

async function serve({ service, identity, port, profile, stack, open, json }: ChatOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const { openTarget, serviceOf, signingKeyOf } = await import("../../shared/target");
  const { serveChat } = await import("../../../chat/serve");
  const { describeConnection } = await import("../../../core/twilio/connection");
  const target = await openTarget({ profile, stack });
  const serviceSid = serviceOf(target, service);
  // Fails now if there is no key, not when somebody signs in.
  signingKeyOf(target);
  const isPublic = isOnEmulator(target.connection);
  const key = isPublic ? {} : { key: randomBytes(24).toString("base64url") };
  const server = await serveChat({ connect: target.connect, serviceSid, port, ...key }).catch((error: unknown) => {
    throw isPortInUse(error) ? new Error(`port ${port} is in use; choose another port with --port, or any free port with --port 0`) : error;
  });
  const address = new URL(server.url);
  if (identity !== undefined) address.searchParams.set("identity", identity);
  const url = address.href;
  const ended = untilInterrupted();
  const { accountSid } = target.connection;
  const message = json
    ? JSON.stringify({ url, accountSid, serviceSid })
    : `The chat is at ${url}\n${isPublic ? "" : KEEP_SECRET}${describeConnection(target.connection)}. Press Ctrl-C to stop.`;
  print(`${message}\n`);
  // The arguments of a browser's process are visible to all users of this machine.
  if (open && isPublic && process.stdout.isTTY) openInBrowser(url);
  await ended;
  await server.close();
  // An emulator in this process would keep it alive while a client is connected.
  await target.close();
}

const KEEP_SECRET = "Open the address in your browser. It lets anyone on this machine sign in as anybody, so keep it secret.\n";

/** Whether everybody knows the credentials. */
const isOnEmulator = ({ backend, baseUrl }: Connection): boolean =>
  backend === "emulator" || (baseUrl !== undefined && isLoopbackUrl(baseUrl));

/** Opens the page in the system's browser, if there is one. The URL is printed as well. */
function openInBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = { darwin: ["open"], win32: ["explorer"] };
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  child.once("error", () => undefined);
  child.unref();
}
