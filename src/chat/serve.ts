import { type BackendOptions, openBackend } from "./backend";
import { type ChatServer, startChatServer } from "./server";

/** The port of the chat page unless told otherwise; fixed, so that a page that is open finds its server again. */
export const CHAT_PORT = 4011;

/** Serves the chat page for one conversation service, on this machine only. Port 0 takes any free one. */
export const serveChat = ({ port, ...options }: BackendOptions & { readonly port: number }): Promise<ChatServer> =>
  startChatServer(openBackend(options), { port });
