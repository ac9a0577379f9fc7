import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { send } from "../emulator/support/http";
import { freePort } from "../support/docker-daemon";
import { buildImage, dockerfile, type Image } from "../support/image";

let image: Image;
beforeAll(async () => {
  image = await buildImage();
});
afterAll(() => image?.remove());

/** Starts a container of the image, and waits until its health check succeeds. */
async function startContainer(args = image.config.command) {
  const port = await freePort();
  const child = image.start(args, port);
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  await vi.waitFor(async () => expect(await image.check(port)).toBe(0), { timeout: 20_000 });
  return { port, child, ended };
}

it("the Dockerfile has no faults, and the base that this repository is tested with", async () => {
  const text = await readFile(dockerfile, "utf8");
  expect(validate(text)).toEqual([]);
  const { devDependencies } = JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8"));
  expect(new Set(text.match(/(?<=^FROM )\S+/gm))).toEqual(new Set([`node:${devDependencies.node}-alpine`]));
  expect(validate(text.replace(/^USER.*$/m, "USER"))).not.toEqual([]);
  expect(await readFile(`${dockerfile}.dockerignore`, "utf8")).toMatch(/^\*\n!pulumi-twilio-conversations-\*\.tgz$/m);
});

it("the image runs as a user who owns its volume, without a shell", () => {
  const { user, volumes, ports, entrypoint, command } = image.config;
  expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(image.owners).toEqual({ "/state": user });
  expect({ volumes, ports }).toEqual({ volumes: ["/state"], ports: ["4010"] });
  expect(entrypoint[0]).toBe("node");
  expect(command).toEqual(["--state", "/state"]);
});

it("its commands serve other machines, keep the state in the volume, and end at SIGTERM", async () => {
  const { port, child, ended } = await startContainer();
  const [address] = Object.values(networkInterfaces())
    .flatMap((all) => all?.filter(({ family }) => family === "IPv4") ?? [])
    .reverse();
  const url = `http://${address?.address}:${port}`;
  // As Docker forwards a request to a published port.
  expect(await send(url, { path: "/_emulator/health", headers: { host: "localhost:32768" } })).toMatchObject({ status: 200 });
  expect(await send(url, { path: "/_emulator/health", headers: { host: "evil.example" } })).toMatchObject({ status: 403 });
  expect(existsSync(image.path("/state/lock.json"))).toBe(true);
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  expect(existsSync(image.path("/state/lock.json"))).toBe(false);
  expect(await image.check(port)).toBe(1);
});

it("a container whose predecessor was killed continues with its state", async () => {
  const first = await startContainer();
  const headers = { "content-type": "application/json" };
  const save = (port: number) =>
    send(`http://127.0.0.1:${port}`, { path: "/_emulator/snapshots", method: "POST", headers, body: '{"name":"kept"}' });
  expect(await save(first.port)).toMatchObject({ status: 200 });
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await startContainer();
  const list = await send(`http://127.0.0.1:${second.port}`, { path: "/_emulator/snapshots" });
  expect(list.json).toMatchObject({ snapshots: [{ name: "kept" }] });
  second.child.kill("SIGTERM");
  expect(await second.ended).toEqual([0, null]);
});
