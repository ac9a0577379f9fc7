import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it, vi } from "vitest";
import { watchEngine } from "../../src/core/process/engine-watch";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that listens, as an engine does. */
async function startEngine() {
  const script = "const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))";
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, address: `127.0.0.1:${port}` };
}

describe("the watch of the engine", () => {
  it("sees that a killed engine has ended, and says so once", async () => {
    const { child, address } = await startEngine();
    const ended = vi.fn();
    const probe = watchEngine(address, ended);
    await probe();
    await probe();
    expect(ended).not.toHaveBeenCalled();
    child.kill("SIGKILL");
    await once(child, "exit");
    await probe();
    await probe();
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it("sees it without being asked, within two seconds", async () => {
    const { child, address } = await startEngine();
    const ended = vi.fn();
    await watchEngine(address, ended)();
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(ended).toHaveBeenCalled(), { timeout: 2_000, interval: 20 });
  });

  it("takes an engine that is stopped (SIGSTOP) for alive", async () => {
    const { child, address } = await startEngine();
    const ended = vi.fn();
    const probe = watchEngine(address, ended);
    await probe();
    child.kill("SIGSTOP");
    for (let times = 0; times < 20; times += 1) await probe();
    expect(ended).not.toHaveBeenCalled();
  });

  it("takes an address at which nothing has ever listened for no engine's, as in a debugger", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    const ended = vi.fn();
    const probe = watchEngine(`127.0.0.1:${port}`, ended);
    for (let times = 0; times < 5; times += 1) await probe();
    expect(ended).not.toHaveBeenCalled();
  });

  it.each([undefined, "", "unix:/run/engine", "run", "127.0.0.1:"])("watches nothing at %j", async (address) => {
    const ended = vi.fn();
    await watchEngine(address, ended)();
    expect(ended).not.toHaveBeenCalled();
  });
});
