/**
 * A stand-in for HashiCorp's Vault, which encrypts the keys of test stacks' secrets. With a passphrase, the engine would derive a key in every
 * operation: 0.24 s of CPU time, twice what the rest of a small operation takes.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** How a stack names the service's key. */
export const keyUrl = "hashivault://test";

/** The environment variable that holds the service's address; without it, stacks have a passphrase. */
export const addressVariable = "TEST_KEY_SERVICE";

/** What the service makes of a stack's key: it only marks it, because the secrets are test data. */
export const encryptKey = (key: string): string => `vault:v1:${key}`;

/** Starts the service for this process and those that it starts. It ends with the process. */
export async function startKeyService(): Promise<void> {
  const server = createServer(async (request, response) => {
    const { plaintext, ciphertext } = (await json(request)) as { plaintext?: string; ciphertext?: string };
    const data = ciphertext === undefined ? { ciphertext: encryptKey(plaintext as string) } : { plaintext: ciphertext.replace(/^.*:/, "") };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  process.env[addressVariable] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
