import { PolicyPack } from "@pulumi/policy";
import { conversationPolicies } from "./conversations";
import { costPolicies } from "./cost";
import { forItems } from "./items";
import { numberPolicies } from "./numbers";
import { webhookPolicies } from "./webhooks";

// docs/policies.md documents each policy under its name.
new PolicyPack("twilio-conversations", {
  enforcementLevel: "mandatory",
  // Policies of the whole stack are about numbers, of which there are no sets.
  policies: [...[...numberPolicies, ...webhookPolicies, ...conversationPolicies].map(forItems), ...costPolicies],
});
