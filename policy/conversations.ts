import type { ResourceValidationPolicy } from "@pulumi/policy";
import { type About, isOneOf, stackOf, types, violation } from "./twilio";

const roles: About = {
  name: "participant-roles",
  description: "Participants have roles of a list only.",
  severity: "high",
  configSchema: {
    properties: {
      roles: {
        description:
          "SIDs of the roles that the program may give; empty for any. The service's default role, given by not naming one, passes.",
        type: "array",
        items: { type: "string", pattern: "^RL[0-9a-fA-F]{32}$" },
        default: [],
      },
    },
  },
  remediationSteps: "Leave roleSid out for the service's default role, or add the role to the policy's `roles`",
};

const timers: About = {
  name: "conversation-timers",
  description: "Conversations end by themselves: their timers are set.",
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
    'Write timers: { inactive: "P1D", closed: "P30D" }; in this repository\'s program: pulumi config set inactiveTimer P1D, and closedTimer P30D',
};

const prefixes: About = {
  name: "name-prefix",
  description: "Names that people read say which environment they belong to.",
  severity: "low",
  configSchema: {
    properties: {
      prefixes: {
        description: "The prefix by stack; * in a stack's name stands for anything. Stacks that are not named need none.",
        type: "object",
        additionalProperties: { type: "string" },
        default: { staging: "staging ", prod: "prod ", "pr-*": "pr" },
      },
    },
  },
  remediationSteps: "Begin friendlyName with it; in this repository's program: pulumi config set namePrefix …",
};

export const conversationPolicies: ResourceValidationPolicy[] = [
  {
    ...roles,
    validateResource({ type, name, props, getConfig }, report) {
      const { roles: allowed } = getConfig<{ roles: string[] }>();
      if (type !== types.participant || allowed.length === 0 || props.roleSid === undefined || allowed.includes(props.roleSid)) return;
      report(violation(roles, `The participant ${name} has the role ${props.roleSid}, which is not in the list`));
    },
  },
  {
    ...timers,
    validateResource({ type, name, props, getConfig }, report) {
      if (type !== types.conversation) return;
      const { timers: wanted } = getConfig<{ timers: string[] }>();
      // PT0S switches a timer off.
      const missing = wanted.filter((timer) => !/[1-9]/.test(props.timers?.[timer] ?? ""));
      if (missing.length === 0) return;
      report(violation(timers, `The conversation ${name} has no timer for ${missing.join(" and ")}`));
    },
  },
  {
    ...prefixes,
    validateResource({ type, name, urn, props, getConfig }, report) {
      const { prefixes: all } = getConfig<{ prefixes: Record<string, string> }>();
      const [, prefix] = Object.entries(all).find(([stack]) => isOneOf(stackOf(urn), [stack])) ?? [];
      const named: string[] = [types.conversationService, types.conversation, types.phoneNumber];
      // A number without a name of its own is bought under one that names project and stack; a conversation without one shows none.
      if (prefix === undefined || !named.includes(type) || props.friendlyName === undefined || props.friendlyName.startsWith(prefix))
        return;
      report(
        violation(
          prefixes,
          `The name of ${name} is ${JSON.stringify(props.friendlyName)}, and in the stack ${stackOf(urn)} names begin with ${JSON.stringify(prefix)}`,
        ),
      );
    },
  },
];
