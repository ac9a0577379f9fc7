import type { ResourceValidationPolicy } from "@pulumi/policy";
import { classOf, matchesAny, type PolicyInfo, shown, stackOf, types, violation } from "./twilio";

const roles: PolicyInfo = {
  name: "participant-roles",
  description: "Participants and users have allowed roles only.",
  severity: "high",
  configSchema: {
    properties: {
      roles: {
        description:
          "SIDs of the allowed roles; an empty list allows every role. A participant or user without roleSid has the service's default role and passes.",
        type: "array",
        items: { type: "string", pattern: "^RL[0-9a-fA-F]{32}$" },
        default: [],
      },
    },
  },
  remediationSteps: "Remove roleSid to use the service's default role, or add the role to the policy's `roles`",
};

const timers: PolicyInfo = {
  name: "conversation-timers",
  description: "Conversations have timers that end them.",
  severity: "low",
  configSchema: {
    properties: {
      timers: {
        description: "The timers that must be set.",
        type: "array",
        items: { type: "string", enum: ["inactive", "closed"] },
        default: ["inactive", "closed"],
      },
    },
  },
  remediationSteps:
    'Set timers: { inactive: "P1D", closed: "P30D" }; in this repository\'s program, run pulumi config set inactiveTimer P1D and pulumi config set closedTimer P30D',
};

const prefixes: PolicyInfo = {
  name: "name-prefix",
  description: "Friendly names start with the prefix of their stack.",
  severity: "low",
  configSchema: {
    properties: {
      prefixes: {
        description: "The prefix for each stack; * in a stack's name matches any text. A stack that is not listed needs no prefix.",
        type: "object",
        additionalProperties: { type: "string" },
        default: { staging: "staging ", prod: "prod ", "pr-*": "pr" },
      },
    },
  },
  remediationSteps: "Start friendlyName with the prefix; in this repository's program, run pulumi config set namePrefix …",
};

const withRole: readonly string[] = [types.participant, types.conversationUser];
const withTimers: readonly string[] = [types.conversation, types.conversationWithParticipants];
/** Objects that the Console lists by their names. Roles are in a service, and the name of a user is a person's. */
const withName: readonly string[] = [
  ...[types.conversationService, types.conversation, types.conversationWithParticipants, types.addressConfiguration],
  ...[types.phoneNumber, types.address, types.messagingService, types.pushCredential, types.apiKey, types.twimlApp, types.subaccount],
];

export const conversationPolicies: ResourceValidationPolicy[] = [
  {
    ...roles,
    validateResource({ type, name, props, getConfig }, report) {
      const { roles: allowed } = getConfig<{ roles: string[] }>();
      if (!withRole.includes(type) || allowed.length === 0 || props.roleSid === undefined || allowed.includes(props.roleSid)) return;
      report(
        violation(
          roles,
          `${classOf(type)} ${name} has the role ${shown(props, ["roleSid"], props.roleSid)}, which is not in the policy's \`roles\``,
        ),
      );
    },
  },
  {
    ...timers,
    validateResource({ type, name, props, getConfig }, report) {
      if (!withTimers.includes(type)) return;
      const { timers: required } = getConfig<{ timers: string[] }>();
      // PT0S turns a timer off.
      const missing = required.filter((timer) => !/[1-9]/.test(props.timers?.[timer] ?? ""));
      if (missing.length === 0) return;
      report(violation(timers, `${classOf(type)} ${name} has no timer for ${missing.join(" and ")}`));
    },
  },
  {
    ...prefixes,
    validateResource({ type, name, urn, props, getConfig }, report) {
      const { prefixes: all } = getConfig<{ prefixes: Record<string, string> }>();
      const [, prefix] = Object.entries(all).find(([stack]) => matchesAny(stackOf(urn), [stack])) ?? [];
      // Without friendlyName, a number is bought under a name that contains project and stack, and a conversation has no name to check.
      if (prefix === undefined || !withName.includes(type) || props.friendlyName === undefined || props.friendlyName.startsWith(prefix))
        return;
      report(
        violation(
          prefixes,
          `friendlyName of ${name} must start with ${JSON.stringify(prefix)} in the stack ${stackOf(urn)}, and is ${shown(props, ["friendlyName"], JSON.stringify(props.friendlyName))}`,
        ),
      );
    },
  },
];
