/** The border of a container runtime: Docker's HTTP API, as far as Testcontainers uses it. A container is a process of the image in a plain folder. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createListener } from "node:net";
import { json } from "node:stream/consumers";
import type { Image } from "./image";

/** A container as its creator described it. */
interface Created {
  Image: string;
  Cmd?: string[];
  ExposedPorts?: Record<string, object>;
  HostConfig?: { Binds?: string[] };
}

interface Container {
  options: Created;
  port: number;
  process?: ChildProcess;
  output: Buffer[];
}

/** A daemon that knows one image. */
export interface DockerDaemon {
  /** The value of DOCKER_HOST. */
  host: string;
  containers: Map<string, Container>;
  close(): Promise<void>;
}

/** Starts a daemon on this machine. */
export async function startDockerDaemon(name: string, image: Image): Promise<DockerDaemon> {
  const containers = new Map<string, Container>();
  const server = createServer((request, response) => {
    answer(request, response, { name, image, containers }).catch((error) => send(response, 500, { message: String(error) }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    containers,
    async close() {
      for (const { process } of containers.values()) process?.kill("SIGKILL");
      server.close();
      server.closeAllConnections();
    },
  };
}

interface World {
  name: string;
  image: Image;
  containers: Map<string, Container>;
}

async function answer(request: IncomingMessage, response: ServerResponse, { name, image, containers }: World): Promise<void> {
  const path = decodeURIComponent((request.url ?? "").replace(/^\/v[\d.]+/, "").replace(/\?.*/, ""));
  const call = `${request.method} ${path}`;
  if (call === "GET /info") return send(response, 200, { OperatingSystem: "folder", IndexServerAddress: "", ServerVersion: "0" });
  if (call === "GET /containers/json") return send(response, 200, []);
  if (/^GET \/images\/.+\/json$/.test(call)) {
    const isKnown = call === `GET /images/${name}:latest/json`;
    return send(response, isKnown ? 200 : 404, isKnown ? { Id: name } : { message: "No such image" });
  }
  if (call === "POST /containers/create") {
    const id = `container${containers.size}`;
    containers.set(id, { options: (await json(request)) as Created, port: await freePort(), output: [] });
    return send(response, 201, { Id: id });
  }
  const [, id = "", action = ""] = /^\/containers\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
  const container = containers.get(id);
  if (!container) return send(response, 404, { message: `No such endpoint or container: ${call}` });
  if (action === "start") start(image, container);
  if (action === "json") return send(response, 200, inspect(id, container));
  if (action === "logs") return sendLogs(response, container);
  if (action === "stop" || request.method === "DELETE") await stop(container);
  return send(response, 204);
}

function start(image: Image, container: Container): void {
  const { options, port, output } = container;
  const mounts = (options.HostConfig?.Binds ?? []).map((bind) => bind.split(":").slice(0, 2).reverse() as [string, string]);
  container.process = image.start(options.Cmd ?? image.config.command, port, new Map(mounts));
  for (const [stream, number] of [
    ["stdout", 1],
    ["stderr", 2],
  ] as const) {
    container.process[stream]?.on("data", (data: Buffer) => {
      const head = Buffer.alloc(8);
      head.writeUInt8(number, 0);
      head.writeUInt32BE(data.length, 4);
      output.push(head, data);
    });
  }
}

async function stop({ process }: Container): Promise<void> {
  if (!process || process.exitCode !== null || process.signalCode !== null) return;
  process.kill("SIGTERM");
  await once(process, "exit");
}

function inspect(id: string, { options, port, process }: Container) {
  const isRunning = process?.exitCode === null && process.signalCode === null;
  const bindings = Object.keys(options.ExposedPorts ?? {}).map((exposed) => [exposed, [{ HostIp: "127.0.0.1", HostPort: String(port) }]]);
  return {
    Id: id,
    Name: `/${id}`,
    Config: { Hostname: id, Labels: {} },
    State: { Status: isRunning ? "running" : "exited", Running: isRunning, StartedAt: "", FinishedAt: "" },
    NetworkSettings: { Ports: Object.fromEntries(bindings), Networks: {} },
    HostConfig: { PortBindings: Object.fromEntries(bindings) },
  };
}

/** Sends what the container has printed, and ends. A follower of a real daemon gets more. */
function sendLogs(response: ServerResponse, { output }: Container): void {
  response.writeHead(200, { "content-type": "application/vnd.docker.multiplexed-stream" }).end(Buffer.concat(output));
}

function send(response: ServerResponse, status: number, body?: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(body && JSON.stringify(body));
}

/** A port of this machine that is free now. */
export async function freePort(): Promise<number> {
  const listener = createListener().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}
