import type { ResourceValidationPolicy } from "@pulumi/policy";
import { countriesOf } from "./countries";
import { type About, isOneOf, stackOf, types, violation } from "./twilio";

const protectedNumbers: About = {
  name: "phone-number-protected",
  description: "Numbers of production stacks are protected, so that no run of the engine deletes them.",
  severity: "high",
  configSchema: {
    properties: {
      stacks: {
        description: "The stacks that it holds for; * stands for anything.",
        type: "array",
        items: { type: "string" },
        default: ["prod", "prod-*", "production"],
      },
    },
  },
  remediationSteps: "Pass { protect: true } as the number's options; in this repository's program: pulumi config set protectNumbers true",
};

const releaseOptIn: About = {
  name: "phone-number-release",
  description: "A number is given back to Twilio only where that was agreed on.",
  severity: "critical",
  configSchema: {
    properties: {
      numbers: {
        description: "The resources, by name, whose numbers may be released.",
        type: "array",
        items: { type: "string" },
        default: [],
      },
    },
  },
  remediationSteps: "Write onDelete: \"retain\" (the default), or add the resource's name to the policy's `numbers`",
};

const allowedCountries: About = {
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
  remediationSteps: "Choose a number of an allowed country, or add the country to the policy's `countries`",
};

export const numberPolicies: ResourceValidationPolicy[] = [
  {
    ...protectedNumbers,
    validateResource({ type, urn, name, opts, getConfig }, report) {
      const { stacks } = getConfig<{ stacks: string[] }>();
      if (type !== types.phoneNumber || !isOneOf(stackOf(urn), stacks) || opts.protect) return;
      report(violation(protectedNumbers, `The number ${name} is not protected in the stack ${stackOf(urn)}`));
    },
  },
  {
    ...releaseOptIn,
    // A deletion is not shown to policies. What it does stands in the state, though, and gets there by an update that is.
    validateResource({ type, name, props, getConfig }, report) {
      const { numbers } = getConfig<{ numbers: string[] }>();
      if (type !== types.phoneNumber || props.onDelete !== "release" || numbers.includes(name)) return;
      report(violation(releaseOptIn, `The number ${name} goes back to Twilio when it is deleted (onDelete: "release")`));
    },
  },
  {
    ...allowedCountries,
    validateResource({ type, name, props, getConfig }, report) {
      const { countries } = getConfig<{ countries: string[] }>();
      if (type !== types.phoneNumber) return;
      const found = countriesOf(props);
      if (found.some((country) => countries.includes(country))) return;
      const where = found.length > 0 ? `is of ${found.join(" or ")}` : "is of a country that its digits do not tell";
      report(violation(allowedCountries, `The number ${name} ${where}, and allowed are ${countries.join(", ")}`));
    },
  },
];
