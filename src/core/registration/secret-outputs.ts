import * as pulumi from "@pulumi/pulumi";
import type { Definition } from "../lifecycle/definition";
import { secretOutputsOf } from "../lifecycle/secrets";
import { hideInLog, redactLog } from "./log-redaction";

type Options = pulumi.CustomResourceOptions;

/** The options with which the engine keeps secret outputs encrypted in the state, and passes them on as secrets. */
export function withSecretOutputs({ secretOutputs }: Definition, options: Options): Options {
  if (secretOutputs === undefined) return options;
  return { ...options, additionalSecretOutputs: [...new Set([...(options.additionalSecretOutputs ?? []), ...secretOutputs])] };
}

/** How a message about the engine's response names each type with secret outputs. */
const labels = new Set<string>();

// The message about the engine's response comes before anybody knows the values.
const redactResponse = (text: string) =>
  [...labels].some((label) => text.includes(label)) ? text.replace(/\bresp: [\s\S]*$/, "resp: ***") : text;

/** Keeps secret outputs out of the SDK's debug messages, which the engine publishes also without --debug. */
export function hideSecretOutputs(definition: Definition, resource: object): void {
  const { secretOutputs } = definition;
  if (secretOutputs === undefined) return;
  labels.add(`[pulumi-nodejs:${definition.type}]`);
  redactLog(redactResponse);
  const outputs = secretOutputs.map((output) => [output, (resource as Record<string, pulumi.Output<unknown>>)[output]]);
  pulumi.output(Object.fromEntries(outputs)).apply((known) => hideInLog(secretOutputsOf(definition, known)));
}
