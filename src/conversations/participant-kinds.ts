import type { Problem } from "../core/lifecycle/definition";
import { isUnknown, type Props, same } from "../core/lifecycle/props";

const channels = ["sms", "whatsapp", "rcs", "messenger"] as const;
const kinds = ["identity", ...channels, "address", "projectedAddress"] as const;

/** A channel on which a person has an address and writes to one of the account's. */
export type Channel = (typeof channels)[number];

/** What is wrong with the kind of a participant: exactly one is declared, and as a whole. */
export function kindProblems(news: Props, olds: Props): Problem[] {
  return [...oneKind(news), ...channels.flatMap((channel) => bothAddresses(news, olds, channel))];
}

/** Exactly one kind; an identity may also have a projected address. */
function oneKind(news: Props): Problem[] {
  const given = kinds.filter((name) => news[name] !== undefined);
  if (given.length === 1 || (given.length === 2 && given.join() === "identity,projectedAddress")) return [];
  if (given.length === 0) {
    const all = `\`${kinds.slice(0, -1).join("`, `")}\` or \`${kinds.at(-1)}\``;
    return [{ property: "identity", reason: `is missing: declare one of ${all}` }];
  }
  const advice = given.includes("identity")
    ? "a person in a chat has an identity, a phone has an address: declare two participants"
    : "declare one participant for each";
  return [
    { property: given.at(-1) as string, reason: `must not be declared together with \`${given.slice(0, -1).join("`, `")}\`: ${advice}` },
  ];
}

const either = "declare the Twilio number that the person exchanges texts with, or the numbers to choose it from";

const texts = {
  own: "the person's own number",
  proxy: "the Twilio number that the person exchanges texts with",
  differ: "one is the person's number, the other a number of the account",
};
const messages = {
  own: "the person's own address",
  proxy: "the account's address that the person exchanges messages with",
  differ: "one is the person's address, the other one of the account's",
};
const words = { sms: texts, whatsapp: texts, rcs: messages, messenger: messages } as const;

/** Both halves of a binding, and not the same address twice. */
function bothAddresses(news: Props, olds: Props, channel: Channel): Problem[] {
  const group = news[channel];
  if (group === undefined || (isUnknown(group) && typeof group !== "object")) return [];
  const { address, proxyAddress, proxyAddresses } = group as Props;
  const { own, proxy, differ } = words[channel];
  const problems: Problem[] = [];
  if (address === undefined) problems.push({ property: `${channel}.address`, reason: `is missing: declare ${own}` });
  if (proxyAddress === undefined && proxyAddresses === undefined)
    problems.push({ property: `${channel}.proxyAddress`, reason: `is missing: declare ${proxy}` });
  // With `ignoreChanges`, the engine passes the group as the state has it: with the number that was chosen.
  if (proxyAddress !== undefined && proxyAddresses !== undefined && !same(group, olds[channel]))
    problems.push({
      property: `${channel}.proxyAddresses`,
      reason: `must not be declared together with \`${channel}.proxyAddress\`: ${either}`,
    });
  if (Array.isArray(proxyAddresses) && typeof address === "string" && !isUnknown(address) && proxyAddresses.includes(address))
    problems.push({ property: `${channel}.proxyAddresses`, reason: `must not have the address: ${differ}` });
  if (address !== undefined && address === proxyAddress && !isUnknown(address)) {
    problems.push({ property: `${channel}.proxyAddress`, reason: `must differ from the address: ${differ}` });
  }
  return problems;
}
