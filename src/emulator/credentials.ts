import { hex32 } from "./sid";

/** The seed used when none is given: its credentials are the same on every machine, and guard nothing. */
export const DEFAULT_SEED = "local-twilio";

/** Who the emulator's main account is. */
export interface Credentials {
  seed: string;
  accountSid: string;
  authToken: string;
  apiKey: string;
  apiSecret: string;
}

/** The credentials a seed leads to. */
export function credentialsOf(seed: string): Credentials {
  return {
    seed,
    accountSid: `AC${hex32(seed, "account")}`,
    authToken: hex32(seed, "auth-token"),
    apiKey: `SK${hex32(seed, "api-key")}`,
    apiSecret: hex32(seed, "api-secret"),
  };
}
