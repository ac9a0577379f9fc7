import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { type About, violation } from "./twilio";

const https: About = {
  name: "https-webhooks",
  description: "Twilio calls webhooks by https only.",
  severity: "high",
  configSchema: {
    properties: {
      hosts: {
        description: "Hosts that may be called by http, such as those of a test.",
        type: "array",
        items: { type: "string" },
        default: [],
      },
    },
  },
  remediationSteps: "Serve it by https and write https://, or add the host to the policy's `hosts`",
};

const signed: About = {
  name: "webhook-signature-secret",
  description: "Where Twilio calls webhooks, the secret that it signs them with is the stack's to hand on.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {
    properties: {
      keys: {
        description:
          "Keys of the stack's configuration of which one must be set: where the program takes the auth token for its receivers from.",
        type: "array",
        items: { type: "string" },
        default: ["twilio:authToken"],
      },
    },
  },
  remediationSteps:
    "Twilio signs each request with the account's auth token; without it a receiver cannot tell Twilio from anybody else. " +
    "pulumi config set --secret twilio:authToken …, or name the key that holds it in the policy's `keys`",
};

export const webhookPolicies: ResourceValidationPolicy[] = [
  {
    ...https,
    validateResource(args, report) {
      const { hosts } = args.getConfig<{ hosts: string[] }>();
      for (const { property, url } of webhooks(args)) {
        if (url.protocol === "https:" || hosts.includes(url.hostname)) continue;
        // The host alone: paths and passwords may be secrets.
        report(violation(https, `${args.name}.${property} (${url.host}) is called by ${url.protocol.slice(0, -1)}`));
      }
    },
  },
  {
    ...signed,
    // The engine hands the whole configuration to the default provider, and that one to policies, with secrets in clear: only look, never tell.
    validateResource(args, report) {
      const { keys } = args.getConfig<{ keys: string[] }>();
      const [first] = webhooks(args);
      if (first === undefined) return;
      const config = args.provider?.props ?? {};
      if (keys.some((key) => config[key] !== undefined && config[key] !== "")) return;
      report(violation(signed, `${args.name}.${first.property} is a webhook, and the stack has no ${keys.join(" or ")}`));
    },
  },
];

/** The addresses that Twilio is to call, whatever the resource: properties called url, …Url or …Callback. */
function webhooks({ type, props }: ResourceValidationArgs): { property: string; url: URL }[] {
  if (!type.startsWith("pulumi-nodejs:twilio/")) return [];
  return Object.keys(props)
    .filter((property) => /^url$|Url$|Callback$/.test(property))
    .flatMap((property) => {
      const value = props[property];
      return typeof value === "string" && URL.canParse(value) ? [{ property, url: new URL(value) }] : [];
    });
}
