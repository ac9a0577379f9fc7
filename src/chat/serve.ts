import { type BackendOptions, openBackend } from "./backend";
import { type ChatServer, type ChatServerOptions, startChatServer } from "./server";

/** The default port of the chat page. It is fixed, so that an open page finds its server again after a restart. */
export const CHAT_PORT = 4011;

/** Serves the chat page of one conversation service, on the loopback interface only. Port 0 takes any free port. */
export const serveChat = ({ port, key, ...options }: BackendOptions & ChatServerOptions): Promise<ChatServer> =>
  startChatServer(openBackend(options), { port, ...(key === undefined ? {} : { key }) });
