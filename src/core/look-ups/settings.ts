import * as pulumi from "@pulumi/pulumi";
import { programError } from "../registration/program-error";
import { settingsOf } from "../registration/twilio-provider";
import type { LookUpOptions } from "./types";

/** Settings of a connection by their full keys, `twilio:accountSid`. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** The settings of the account that a look-up asks: of the provider, else of the stack. */
export function settingsFor({ provider }: LookUpOptions): pulumi.Output<Settings> {
  if (provider === undefined) {
    const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("twilio:"));
    return pulumi.output(Object.fromEntries(own));
  }
  const settings = settingsOf(provider);
  if (settings === undefined) throw programError("The option `provider` of a look-up must be a TwilioProvider of this package.");
  const texts = pulumi
    .output(settings)
    .apply((known) => Object.fromEntries(Object.entries(known).map(([key, value]) => [key, value === undefined ? value : String(value)])));
  // The credentials are secret; what they give access to is not.
  return pulumi.unsecret(texts);
}
