import { PolicyPack } from "@pulumi/policy";
import { conversationPolicies } from "./conversations";
import { costPolicies } from "./cost";
import { numberPolicies } from "./numbers";
import { webhookPolicies } from "./webhooks";

// Each policy's page is its section of docs/policies.md.
new PolicyPack("twilio-conversations", {
  enforcementLevel: "mandatory",
  policies: [...numberPolicies, ...costPolicies, ...webhookPolicies, ...conversationPolicies],
});
