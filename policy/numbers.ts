import type { ResourceValidationPolicy } from "@pulumi/policy";
import { countriesOf, countrySources } from "./countries";
import { matchesAny, type PolicyInfo, shown, stackOf, types, violation } from "./twilio";

const protectedNumbers: PolicyInfo = {
  name: "phone-number-protected",
  description: "Numbers in production stacks are protected, so the engine does not delete them.",
  severity: "high",
  configSchema: {
    properties: {
      stacks: {
        description: "The stacks that the policy applies to; * matches any text.",
        type: "array",
        items: { type: "string" },
        default: ["prod", "prod-*", "production"],
      },
    },
  },
  remediationSteps: "Set the option { protect: true }; in this repository's program, run pulumi config set protectNumbers true",
};

const releaseAllowed: PolicyInfo = {
  name: "phone-number-release",
  description: "A number is released to Twilio, or a subaccount closed with all its numbers, only if the policy lists its resource.",
  severity: "critical",
  configSchema: {
    properties: {
      numbers: {
        description: "The names of the resources whose numbers may be released, and of the subaccounts that may be closed.",
        type: "array",
        items: { type: "string" },
        default: [],
      },
    },
  },
  remediationSteps:
    "Set onDelete: \"retain\", or leave it at its default, which keeps the object; or add the resource's name to the policy's `numbers`",
};

const allowedCountries: PolicyInfo = {
  name: "phone-number-countries",
  description: "Numbers are bought in allowed countries only.",
  severity: "medium",
  configSchema: {
    properties: {
      countries: {
        description: "ISO 3166-1 alpha-2 codes.",
        type: "array",
        items: { type: "string", pattern: "^[A-Z]{2}$" },
        default: ["US", "CA"],
      },
    },
  },
  remediationSteps: "Choose a number in an allowed country, or add the country to the policy's `countries`",
};

const howClosed = ({ status }: Record<string, unknown>): string => (status === "closed" ? 'status: "closed"' : 'onDelete: "close"');

export const numberPolicies: ResourceValidationPolicy[] = [
  {
    ...protectedNumbers,
    validateResource({ type, urn, name, opts, getConfig }, report) {
      const { stacks } = getConfig<{ stacks: string[] }>();
      if (type !== types.phoneNumber || !matchesAny(stackOf(urn), stacks) || opts.protect) return;
      report(violation(protectedNumbers, `PhoneNumber ${name} must be protected in the stack ${stackOf(urn)}`));
    },
  },
  {
    ...releaseAllowed,
    // Policies cannot see a deletion. They can see the update that writes onDelete to the state, which the deletion reads.
    validateResource({ type, name, props, getConfig }, report) {
      const { numbers } = getConfig<{ numbers: string[] }>();
      if (numbers.includes(name)) return;
      if (type === types.phoneNumber && props.onDelete === "release")
        report(violation(releaseAllowed, `PhoneNumber ${name} would be released to Twilio when it is deleted (onDelete: "release")`));
      if (type === types.subaccount && (props.onDelete === "close" || props.status === "closed"))
        report(
          violation(releaseAllowed, `Subaccount ${name} would be closed for good, which releases all its numbers (${howClosed(props)})`),
        );
    },
  },
  {
    ...allowedCountries,
    validateResource({ type, name, props, getConfig }, report) {
      const { countries } = getConfig<{ countries: string[] }>();
      if (type !== types.phoneNumber) return;
      const found = countriesOf(props);
      if (found.some((country) => countries.includes(country))) return;
      const country = shown(props, countrySources, found.join(" or "));
      const where = found.length > 0 ? `is in ${country}` : "is in an unknown country";
      report(violation(allowedCountries, `PhoneNumber ${name} ${where}; allowed countries are ${countries.join(", ")}`));
    },
  },
];
