import { spawn } from "node:child_process";
import { Command } from "commander";
import { CHAT_PORT } from "../../../chat/serve";
import { isPortInUse, untilInterrupted, wholeNumber } from "../../shared/common";

interface ChatOptions {
  chatServiceSid?: string;
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
    .description("Serve a chat page for a stack's conversations until Ctrl-C, with virtual phones where Twilio is the local one.")
    .option("--chat-service-sid <sid>", "the conversation service (default: the stack's output serviceSid)")
    .option("--identity <identity>", "sign in as this participant at once (default: the page asks)")
    .option("--port <port>", "the port to serve on this machine; 0 takes any free one", wholeNumber, CHAT_PORT)
    .option("--profile <profile>", "the profile of the Twilio CLI to work with (default: the stack's configuration, then the environment)")
    .option("--stack <stack>", "the stack of the project in this folder (default: the one that is selected)")
    .option("--no-open", "do not open the page in the browser")
    .option("--json", "print the page's address, the account and the service as one line of JSON, and nothing else")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations chat
  $ twilio-conversations chat --stack prod --identity testPineapple
  $ twilio-conversations chat --chat-service-sid ISxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx --profile project-danger`,
    )
    .action(serve);
}

async function serve({ chatServiceSid, identity, port, profile, stack, open, json }: ChatOptions): Promise<void> {
  // Loaded here, so that --help and mistyped commands answer at once.
  const { openTarget, serviceOf, signingKeyOf } = await import("../../shared/target");
  const { serveChat } = await import("../../../chat/serve");
  const { describeConnection } = await import("../../../core/twilio/connection");
  const target = await openTarget({ profile, stack });
  const serviceSid = serviceOf(target, chatServiceSid);
  // Told now and not when somebody signs in.
  signingKeyOf(target);
  const server = await serveChat({ connect: target.connect, serviceSid, port }).catch((error: unknown) => {
    throw isPortInUse(error) ? new Error(`port ${port} is in use; choose another with --port, or any free one with --port 0`) : error;
  });
  const url = identity === undefined ? server.url : `${server.url}?${new URLSearchParams({ identity })}`;
  const ended = untilInterrupted();
  const { accountSid } = target.connection;
  const told = json
    ? JSON.stringify({ url, accountSid, serviceSid })
    : `The chat is at ${url}\n${describeConnection(target.connection)}. Ctrl-C ends it.`;
  process.stdout.write(`${told}\n`);
  if (open && process.stdout.isTTY) openInBrowser(url);
  await ended;
  await server.close();
  // The local Twilio that this process may serve would keep it alive as long as somebody is connected to it.
  await target.close();
}

/** Opens the page with what the system opens pages with, where it has such a thing; the URL is printed all the same. */
function openInBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = { darwin: ["open"], win32: ["explorer"] };
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  child.once("error", () => undefined);
  child.unref();
}
