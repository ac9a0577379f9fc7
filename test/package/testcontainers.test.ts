/** `TwilioContainer` with the real Testcontainers. Only Docker's HTTP API is not real: its containers are processes of the image in a plain folder. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import twilio from "twilio";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { TwilioContainer } from "../../src/container";
import { type DockerDaemon, startDockerDaemon } from "../support/docker-daemon";
import { buildImage, type Image } from "../support/image";

let image: Image;
let docker: DockerDaemon;
beforeAll(async () => {
  image = await buildImage();
  docker = await startDockerDaemon("twilio-emulator", image);
  vi.stubEnv("DOCKER_HOST", docker.host);
  // It is a container that removes other containers if the tests die.
  vi.stubEnv("TESTCONTAINERS_RYUK_DISABLED", "true");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await docker?.close();
  await image?.remove();
});

const login = ({ accountSid, authToken }: { accountSid: string; authToken: string }) => ({
  authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`,
});

it("starts a container, and returns its URL and credentials, which Twilio's API accepts", async () => {
  const started = await new TwilioContainer().withSeed("one").start();
  const services = `${started.getBaseUrl()}/conversations.twilio.com/v1/Services`;
  expect((await fetch(services, { headers: login(started.getCredentials()) })).status).toBe(200);
  expect((await fetch(services, { headers: login({ ...started.getCredentials(), authToken: "x" }) })).status).toBe(401);
  const { apiKey, apiSecret, accountSid } = started.getCredentials();
  expect(started.getEnvironment()).toMatchObject({ TWILIO_BASE_URL: started.getBaseUrl(), TWILIO_API_KEY: apiKey });
  expect(() => new twilio.jwt.AccessToken(accountSid, apiKey, apiSecret, { identity: "a" }).toJwt()).not.toThrow();
  await started.stop();
  await expect(fetch(services)).rejects.toThrow();
});

it("has namespaces, snapshots and a reset under the URL that this process has of it", async () => {
  const started = await new TwilioContainer().start();
  onTestFinished(async () => void (await started.stop()));
  const space = await started.createNamespace("checkout");
  expect(space).toMatchObject({ url: started.getBaseUrl(), controlUrl: `${started.getControlUrl()}/namespaces/checkout` });
  const create = (account: { accountSid: string; authToken: string }) =>
    fetch(`${started.getBaseUrl()}/conversations.twilio.com/v1/Services`, {
      method: "POST",
      headers: { ...login(account), "content-type": "application/x-www-form-urlencoded" },
      body: "FriendlyName=A",
    });
  const count = async (account: { accountSid: string; authToken: string }) => {
    const response = await fetch(`${started.getBaseUrl()}/conversations.twilio.com/v1/Services`, { headers: login(account) });
    return ((await response.json()) as { services: unknown[] }).services.length;
  };
  const own = await count(started.getCredentials());
  await started.getSnapshots().save("empty");
  await create(started.getCredentials());
  expect([await count(started.getCredentials()), await count(space)]).toEqual([own + 1, own]);
  await started.getSnapshots().restore("empty");
  expect(await count(started.getCredentials())).toBe(own);
  await create(started.getCredentials());
  await started.reset();
  expect(await count(started.getCredentials())).toBe(own);
  await space.close();
});

it("keeps its state in a folder, and is reached by its aliases and by the host of the container runtime", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twilio-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const started = await new TwilioContainer()
    .withState(folder)
    .withNetworkAliases("twilio")
    .withAllowedHosts("other")
    .withOptions("--latency", "1")
    .start();
  onTestFinished(async () => void (await started.stop()));
  expect(existsSync(join(folder, "lock.json"))).toBe(true);
  const [, container] = [...docker.containers].at(-1) ?? [];
  expect(container?.options.Cmd).toEqual([
    "--json",
    "--state",
    "/state",
    "--latency",
    "1",
    "--allow-host",
    started.getHost(),
    "twilio",
    "other",
  ]);
});

it("fails with the emulator's error if it does not start", async () => {
  await expect(new TwilioContainer().withOptions("--latency", "soon").start()).rejects.toThrow(/exited/);
});
