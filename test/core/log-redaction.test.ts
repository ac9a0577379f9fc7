import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, it, vi } from "vitest";
import { catalog } from "../../src/catalog";
import { redactCredential } from "../../src/core/registration/log-redaction";
import { hideSecretOutputs } from "../../src/core/registration/secret-outputs";

afterEach(() => vi.restoreAllMocks());

/** How often the SDK's debug message is searched for a secret. */
async function searches(): Promise<number> {
  // Outputs are known after a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  const search = vi.spyOn(String.prototype, "replaceAll");
  pulumi.log.debug("a message");
  const { length } = search.mock.calls;
  search.mockRestore();
  return length;
}

// A process of the Automation API runs hundreds of programs, each with the same credentials.
it("a credential is redacted once, however often a program names it", async () => {
  redactCredential("first-credential", "AC1");
  const once = await searches();
  expect(once).toBeGreaterThan(0);
  redactCredential(pulumi.output("first-credential"), pulumi.output("AC1"));
  expect(await searches()).toBe(once);
  // The same secret of another user has other forms.
  redactCredential("first-credential", "AC2");
  expect(await searches()).toBeGreaterThan(once);
});

it("the secret outputs of a type are redacted once, however many resources have them", async () => {
  const definition = catalog.find(({ type }) => type.endsWith(":ApiKey")) ?? expect.unreachable("there are API keys");
  const declare = () => hideSecretOutputs(definition, { secret: pulumi.output("secret-of-a-key") });
  declare();
  const once = await searches();
  expect(once).toBeGreaterThan(0);
  for (let count = 0; count < 3; count++) declare();
  expect(await searches()).toBe(once);
});

it("a secret that contains another one is removed whole, whichever is known first", async () => {
  const shown: string[] = [];
  vi.spyOn(pulumi.log, "debug").mockImplementation((message) => Promise.resolve(void shown.push(message)));
  vi.resetModules();
  const { hideInLog } = await import("../../src/core/registration/log-redaction");
  const configuration = JSON.stringify({ "twilio:apiSecret": "inner-secret", "twilio:baseUrl": "http://user:outer@host" });
  hideInLog(["inner-secret"], "SK1");
  hideInLog([configuration], "");
  hideInLog(["inner-secret-and-more"]);
  await pulumi.log.debug(`a ${configuration} b inner-secret-and-more c inner-secret d`);
  expect(shown).toEqual(["a *** b *** c *** d"]);
});
