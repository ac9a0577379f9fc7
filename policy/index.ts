import { PolicyPack } from "@pulumi/policy";
import { conversationPolicies } from "./conversations";
import { costPolicies } from "./cost";
import { numberPolicies } from "./numbers";
import { webhookPolicies } from "./webhooks";

// docs/policies.md documents each policy under its name.
new PolicyPack("twilio-conversations", {
  enforcementLevel: "mandatory",
  policies: [...numberPolicies, ...costPolicies, ...webhookPolicies, ...conversationPolicies],
});
