import { hex32 } from "./sid";

/** The default seed. Its credentials are the same on every machine, so they protect nothing. */
export const DEFAULT_SEED = "local-twilio";

/** The credentials of the emulator's main account. */
export interface Credentials {
  seed: string;
  accountSid: string;
  authToken: string;
  apiKey: string;
  apiSecret: string;
}

/** The credentials for a seed. */
export function credentialsOf(seed: string): Credentials {
  return {
    seed,
    accountSid: `AC${hex32(seed, "account")}`,
    authToken: hex32(seed, "auth-token"),
    apiKey: `SK${hex32(seed, "api-key")}`,
    apiSecret: hex32(seed, "api-secret"),
  };
}
