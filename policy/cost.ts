import { type PolicyResource, type StackValidationPolicy, UnknownValueError } from "@pulumi/policy";
import { countriesOf, countrySources, typeOf } from "./countries";
import { type PolicyInfo, shown, types, violation } from "./twilio";

const monthlyCost: PolicyInfo = {
  name: "monthly-cost",
  description: "The monthly price of the stack's numbers does not exceed a limit.",
  severity: "high",
  configSchema: {
    properties: {
      limit: { description: "The highest monthly price for all numbers of the stack.", type: "number", minimum: 0, default: 100 },
      prices: {
        description: "The monthly price of a number by country and type, in the currency of `limit`.",
        type: "object",
        additionalProperties: { type: "number", minimum: 0 },
        default: { "US local": 1.15, "US toll-free": 2.15, "CA local": 1.15, "CA toll-free": 2.15 },
      },
    },
  },
  remediationSteps: "Remove numbers, or raise the policy's `limit`",
};

const newNumbers: PolicyInfo = {
  name: "new-phone-numbers",
  description: "One update does not buy too many numbers.",
  severity: "high",
  configSchema: {
    properties: {
      limit: { description: "The highest number of phone numbers that one update may buy.", type: "integer", minimum: 0, default: 5 },
    },
  },
  remediationSteps: "Add them in several updates, or raise the policy's `limit` for this update",
};

const isNumber = ({ type }: PolicyResource) => type === types.phoneNumber;

/**
 * The possible price keys of a number, `US local`; `undefined` if a preview does not know them yet. Reading an unknown property throws, and the
 * engine would skip the whole policy.
 */
function priceKeysOf(props: Record<string, unknown>): string[] | undefined {
  try {
    return countriesOf(props).map((country) => `${country} ${typeOf(props)}`);
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

export const costPolicies: StackValidationPolicy[] = [
  {
    ...monthlyCost,
    validateStack({ resources, getConfig }, report) {
      const { limit, prices } = getConfig<{ limit: number; prices: Record<string, number> }>();
      let total = 0;
      for (const { name, urn, props } of resources.filter(isNumber)) {
        const keys = priceKeysOf(props);
        if (keys === undefined) {
          total += Math.max(0, ...Object.values(prices));
          continue;
        }
        const known = keys.map((key) => prices[key]).filter((price) => price !== undefined);
        // If several countries share a calling code, the highest price counts, so the limit holds for each of them.
        if (known.length > 0) total += Math.max(...known);
        else {
          const what =
            keys.length > 0 ? `for ${shown(props, [...countrySources, "search.type"], `"${keys[0]}"`)}` : "for the country of this number";
          report(
            violation({ ...monthlyCost, remediationSteps: "Add it to the policy's `prices`" }, `The policy has no price ${what} (${name})`),
            urn,
          );
        }
      }
      if (total <= limit) return;
      report(violation(monthlyCost, `The stack's numbers cost ${total.toFixed(2)} per month; the limit is ${limit.toFixed(2)}`));
    },
  },
  {
    ...newNumbers,
    // A new number has no SID in a preview. After the update all numbers have one, so only the preview can stop it.
    validateStack({ resources, getConfig }, report) {
      const { limit } = getConfig<{ limit: number }>();
      const found = resources.filter((resource) => isNumber(resource) && !("sid" in resource.props) && !("adopt" in resource.props));
      if (found.length <= limit) return;
      const names = found.map(({ name }) => name).join(", ");
      report(
        violation(
          newNumbers,
          `${found.length === 1 ? "1 number is" : `${found.length} numbers are`} new or changed (${names}); the limit for one update is ${limit}`,
        ),
      );
    },
  },
];
