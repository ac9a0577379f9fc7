/**
 * A stand-in for HashiCorp's Vault, which opens the key that encrypts the secrets of test stacks. With a passphrase, the engine would derive a
 * key in every operation: 0.24 s of CPU time, twice what the rest of a small operation takes.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The key of every test stack. */
export const dataKey: Buffer = Buffer.from("gEtFXFLgYInFd6S88cvtvD+Bn6O3ZI+wh07eI/G3Dck=", "base64");

/** How a stack names the key. */
export const keyUrl = "hashivault://test";

/** The environment variable that holds the service's address; without it, stacks have a passphrase. */
export const addressVariable = "TEST_KEY_SERVICE";

/** Starts the service for this process and those that it starts. It ends with the process. */
export async function startKeyService(): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: { plaintext: dataKey.toString("base64") } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  process.env[addressVariable] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
