/** Talks to the emulator's proxy byte by byte. */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { connect as openSocket, type Socket } from "node:net";
import { connect as openTls, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { Emulator } from "../../../src/emulator";
import type { PlainResponse } from "./http";

/** Opens a connection to the emulator's port. It is closed when the test finishes. */
export function openRaw({ url }: Pick<Emulator, "url">): Socket {
  const { hostname, port } = new URL(url);
  const socket = openSocket({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Resolves to everything that arrives until the text matches, or until the server ends the connection. */
export function receive(socket: Socket, until = /$^/): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const finish = () => resolve(text);
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (until.test(text)) finish();
    });
    socket.once("end", finish).once("close", finish);
  });
}

/** Sends `CONNECT target` and returns the response and the connection. */
export async function sendConnect(emulator: Pick<Emulator, "url">, target: string): Promise<{ response: string; socket: Socket }> {
  const socket = openRaw(emulator);
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  const response = await receive(socket, /^HTTP\/1\.1 200 .*\r\n\r\n/s);
  socket.removeAllListeners("data");
  return { response, socket };
}

/** The certificate of the proxy's authority. */
export const authorityOf = ({ proxy }: Pick<Emulator, "proxy">): string => readFileSync(proxy?.certificate ?? "", "utf8");

/** Opens a tunnel to a host and agrees on TLS, as a client that trusts the proxy's authority only. */
export async function openTunnel(
  emulator: Pick<Emulator, "url" | "proxy">,
  host: string,
  { servername = host, ca = authorityOf(emulator) }: { servername?: string; ca?: string } = {},
): Promise<TLSSocket> {
  const { socket } = await sendConnect(emulator, `${host}:443`);
  const secure = openTls({ socket, servername, ca, ALPNProtocols: ["h2", "http/1.1"] });
  secure.on("error", () => {});
  await new Promise((resolve, reject) => {
    secure.once("secureConnect", resolve).once("error", reject);
    secure.once("close", () => reject(new Error("the proxy closed the connection")));
  });
  return secure;
}

/** Sends one request through a tunnel. */
export async function sendThrough(
  emulator: Pick<Emulator, "url" | "proxy">,
  host: string,
  { path, headers = {}, method = "GET", body }: { path: string; headers?: Record<string, string>; method?: string; body?: string },
): Promise<Pick<PlainResponse, "status" | "headers" | "text">> {
  const secure = await openTunnel(emulator, host);
  return new Promise((resolve, reject) => {
    const outgoing = request({ createConnection: () => secure, method, path, headers: { host, ...headers } }, (response) => {
      let text = "";
      response.on("data", (data) => {
        text += data;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, text }));
    });
    outgoing.on("error", reject).end(body);
  });
}
