/** Sources of credentials for {@link connect}, and what it makes of them. */
import { expect } from "vitest";
import { connect, type Environment } from "../../src/core/twilio/connection";
import { UsageError } from "../../src/core/twilio/errors";

export const AC = `AC${"1".repeat(32)}`;
export const OTHER = `AC${"2".repeat(32)}`;
export const SK = `SK${"3".repeat(32)}`;
/** The secret. */
export const canary = "canary-sings-loudly";

/** The sources; the others are empty. */
export interface Sources {
  config?: Record<string, string>;
  env?: Record<string, string>;
  profiles?: object | string;
  openEmbedded?: Environment["openEmbedded"];
}

/** The environment with these sources. */
export function environmentOf({ config = {}, env = {}, profiles, openEmbedded }: Sources): Environment {
  return {
    config: (key) => config[key],
    env,
    cwd: "/nowhere",
    openEmbedded: openEmbedded ?? (() => Promise.reject(new Error("the embedded emulator was opened"))),
    readProfiles: () => (typeof profiles === "object" ? JSON.stringify(profiles) : profiles),
  };
}

/** The connection that the sources give. */
export const open = (sources: Sources) => connect(environmentOf(sources));
/** Why the sources give none. The message contains no secret. */
export const refusal = async (sources: Sources): Promise<string> => {
  const error = await open(sources).then(
    () => expect.unreachable("credentials were accepted"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UsageError);
  const text = `${(error as Error).message} ${(error as Error).stack} ${JSON.stringify(error)}`;
  expect(text).not.toContain(canary);
  return (error as Error).message;
};

export const stack = { "twilio:accountSid": AC, "twilio:authToken": canary };
export const environment = { TWILIO_ACCOUNT_SID: OTHER, TWILIO_AUTH_TOKEN: `${canary}-env` };
export const profiles = {
  profiles: { work: { accountSid: OTHER, apiKey: SK, apiSecret: canary, region: "ie1" } },
  projects: [{ id: "old" }],
};
