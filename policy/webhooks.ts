import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { type PolicyInfo, shown, violation } from "./twilio";

const https: PolicyInfo = {
  name: "https-webhooks",
  description: "Webhooks use https.",
  severity: "high",
  configSchema: {
    properties: {
      hosts: {
        description: "Hosts that may use http, for example in tests.",
        type: "array",
        items: { type: "string" },
        default: [],
      },
    },
  },
  remediationSteps: "Serve it over https and write https://, or add the host to the policy's `hosts`",
};

const signatureSecret: PolicyInfo = {
  name: "webhook-signature-secret",
  description: "A stack with webhooks has the auth token that signs them in its configuration.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {
    properties: {
      keys: {
        description: "Configuration keys; one of them must be set. The program passes its value, the auth token, to the webhook receivers.",
        type: "array",
        items: { type: "string" },
        default: ["twilio:authToken"],
      },
    },
  },
  remediationSteps:
    "Twilio signs each request with the account's auth token; without it, a receiver cannot verify that Twilio sent the request. " +
    "Run pulumi config set --secret twilio:authToken …, or add the key that holds it to the policy's `keys`",
};

export const webhookPolicies: ResourceValidationPolicy[] = [
  {
    ...https,
    validateResource(args, report) {
      const { hosts } = args.getConfig<{ hosts: string[] }>();
      for (const { property, url } of webhooks(args)) {
        if (url.protocol === "https:" || hosts.includes(url.hostname)) continue;
        // Only the host: paths and passwords can be secrets.
        const host = shown(args.props, [property], url.host);
        report(violation(https, `${args.name}.${property} (${host}) must use https, and uses ${url.protocol.slice(0, -1)}`));
      }
    },
  },
  {
    ...signatureSecret,
    // The engine passes the whole configuration to the default provider and its properties to policies, with secrets in plain text: check, never print.
    validateResource(args, report) {
      const { keys } = args.getConfig<{ keys: string[] }>();
      const [first] = webhooks(args);
      if (first === undefined) return;
      const config = args.provider?.props ?? {};
      if (keys.some((key) => config[key] !== undefined && config[key] !== "")) return;
      report(
        violation(
          signatureSecret,
          `${args.name}.${first.property} is a webhook, and the stack's configuration has no ${keys.join(" or ")}`,
        ),
      );
    },
  },
];

/** The groups of properties that hold a webhook. `attributes` is not one: its URLs belong to the application. */
const webhookGroups = [["webhook"], ["trigger"], ["autoCreation", "webhook"]];

/** The URLs that Twilio calls, on any resource: properties named url, …Url or …Callback, at the top level or in a group. */
function webhooks({ type, props }: ResourceValidationArgs): { property: string; url: URL }[] {
  if (!type.startsWith("pulumi-nodejs:twilio/")) return [];
  const groups = webhookGroups.map((path) => [`${path.join(".")}.`, path.reduce((values, name) => values?.[name], props)] as const);
  return [["", props] as const, ...groups].flatMap(([prefix, values]) =>
    Object.keys(values ?? {})
      .filter((name) => /^url$|Url$|Callback$/.test(name))
      .flatMap((name) => {
        const value = values[name];
        return typeof value === "string" && URL.canParse(value) ? [{ property: `${prefix}${name}`, url: new URL(value) }] : [];
      }),
  );
}
