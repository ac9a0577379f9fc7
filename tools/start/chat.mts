import { createRequire } from "node:module";
import { hasCode } from "../engine/lock.mts";

/** Serves the chat page for a service of the emulator with this state folder. */
export async function serveChat(stateDir: string, serviceSid: string) {
  // Loaded late, from `dist`: this run may have just built the package.
  const require = createRequire(import.meta.url);
  const chat = require("../../dist/chat/serve.js") as typeof import("../../dist/chat/serve.js");
  const { connect } = require("../../dist/core/twilio/connection.js") as typeof import("../../dist/core/twilio/connection.js");
  const { attachEmulator } = await import("pulumi-twilio-conversations/emulator");
  const config: Record<string, string> = { "twilio:backend": "emulator", "twilio:stateDir": stateDir };
  const environment = {
    config: (key: string) => config[key],
    env: {},
    cwd: stateDir,
    openEmbedded: (folder: string) => attachEmulator(folder),
  };
  const serve = (port: number) => chat.serveChat({ connect: () => connect(environment), serviceSid, port });
  return serve(chat.CHAT_PORT).catch((error: unknown) => {
    if (hasCode(error, "EADDRINUSE")) return serve(0);
    throw error;
  });
}
