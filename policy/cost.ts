import { type PolicyResource, type StackValidationPolicy, UnknownValueError } from "@pulumi/policy";
import { countriesOf, kindOf } from "./countries";
import { type About, types, violation } from "./twilio";

const monthlyCost: About = {
  name: "monthly-cost",
  description: "What the stack's numbers cost a month stays below a limit.",
  severity: "high",
  configSchema: {
    properties: {
      limit: { description: "The most that all numbers of the stack may cost a month.", type: "number", minimum: 0, default: 100 },
      prices: {
        description: "The price of a number a month by country and kind, in the currency of `limit`.",
        type: "object",
        additionalProperties: { type: "number", minimum: 0 },
        default: { "US local": 1.15, "US toll-free": 2.15, "CA local": 1.15, "CA toll-free": 2.15 },
      },
    },
  },
  remediationSteps: "Take numbers out, or raise the policy's `limit`",
};

const newNumbers: About = {
  name: "new-phone-numbers",
  description: "One update does not buy many numbers at once.",
  severity: "high",
  configSchema: {
    properties: { limit: { description: "The most numbers that one update may buy.", type: "integer", minimum: 0, default: 5 } },
  },
  remediationSteps: "Add them in several updates, or raise the policy's `limit` for this one",
};

const isNumber = ({ type }: PolicyResource) => type === types.phoneNumber;

/**
 * What a number may be, by country and kind; `undefined` where a preview does not know it yet. To read what is not known throws, and would have the
 * engine pass over the whole policy.
 */
function kindsOf(props: Record<string, unknown>): string[] | undefined {
  try {
    return countriesOf(props).map((country) => `${country} ${kindOf(props)}`);
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
        const kinds = kindsOf(props);
        if (kinds === undefined) {
          total += Math.max(0, ...Object.values(prices));
          continue;
        }
        const known = kinds.map((kind) => prices[kind]).filter((price) => price !== undefined);
        // Where several countries share a calling code, the dearest: the limit holds whichever it is.
        if (known.length > 0) total += Math.max(...known);
        else {
          const what = kinds.length > 0 ? `for "${kinds[0]}"` : "for the country of its number";
          report(
            violation({ ...monthlyCost, remediationSteps: "Add it to the policy's `prices`" }, `There is no price ${what} (${name})`),
            urn,
          );
        }
      }
      if (total <= limit) return;
      report(violation(monthlyCost, `The stack's numbers cost ${total.toFixed(2)} a month, and the limit is ${limit.toFixed(2)}`));
    },
  },
  {
    ...newNumbers,
    // In a preview, what is new has no SID yet. An update that has ended shows none that has not: it is the preview that stops it.
    validateStack({ resources, getConfig }, report) {
      const { limit } = getConfig<{ limit: number }>();
      const found = resources.filter((resource) => isNumber(resource) && !("sid" in resource.props) && !("adopt" in resource.props));
      if (found.length <= limit) return;
      const names = found.map(({ name }) => name).join(", ");
      report(
        violation(
          newNumbers,
          `${found.length === 1 ? "1 number is" : `${found.length} numbers are`} new or changed (${names}), and the limit of one update is ${limit}`,
        ),
      );
    },
  },
];
