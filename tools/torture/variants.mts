import type { ParticipantItem, Plan } from "./plan.mts";
import type { Random } from "./random.mts";

/** A program of 50 resources that goes on changing: two numbers, three services, 15 conversations, 30 participants. */
export interface Variants {
  /** The next variant: some resources updated, some replaced, some removed, some new. */
  next(): Plan;
}

interface Service {
  name: number;
}

interface Conversation {
  present: boolean;
  service: number;
  revision: number;
}

interface Participant {
  present: boolean;
  conversation: number;
  /** Counts who it was: another one replaces it. */
  person: number;
  revision: number;
}

const counts = { services: 3, conversations: 15, participants: 30 };

/** The first variant is the whole program. */
export function variants(random: Random): Variants {
  const many = <T,>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
  const services = many(counts.services, (): Service => ({ name: 1 }));
  const conversations = many(
    counts.conversations,
    (index): Conversation => ({ present: true, service: index % counts.services, revision: 1 }),
  );
  const participants = many(
    counts.participants,
    (index): Participant => ({ present: true, conversation: index % counts.conversations, person: 1, revision: 1 }),
  );
  const numbers = { first: 1, second: 1, isSecondPresent: true };
  let isFirst = true;

  function change(): void {
    if (random.chance(0.3)) numbers.first += 1;
    if (random.chance(0.3)) numbers.second += 1;
    if (random.chance(0.15)) numbers.isSecondPresent = !numbers.isSecondPresent;
    for (const service of services) if (random.chance(0.05)) service.name += 1;
    for (const conversation of conversations) {
      if (random.chance(0.15)) conversation.revision += 1;
      if (random.chance(0.05)) conversation.service = random.below(counts.services);
      if (random.chance(conversation.present ? 0.05 : 0.5)) conversation.present = !conversation.present;
    }
    for (const participant of participants) {
      if (random.chance(0.15)) participant.revision += 1;
      if (random.chance(0.1)) participant.person += 1;
      if (random.chance(0.05)) participant.conversation = random.below(counts.conversations);
      if (random.chance(participant.present ? 0.08 : 0.5)) participant.present = !participant.present;
    }
  }

  /** Every other one is a phone, and texts with one of the numbers that there are. */
  function who(index: number, { person }: Participant): ParticipantItem["who"] {
    if (index % 2 === 0) return { identity: `person-${index}-${person}` };
    const address = `+1555${2_000_000 + 1000 * index + person}`;
    const number = numbers.isSecondPresent && index % 4 === 1 ? "second" : "first";
    return { channel: index % 6 === 1 ? "whatsapp" : "sms", address, number };
  }

  function plan(): Plan {
    const here = (index: number) => conversations[index]?.present === true;
    return {
      first: { kind: "PhoneNumber", by: "areaCode", onDelete: "retain", revision: numbers.first },
      ...(numbers.isSecondPresent && { second: { kind: "PhoneNumber", by: "search", onDelete: "release", revision: numbers.second } }),
      ...Object.fromEntries(
        services.map(({ name }, index) => [`s${index}`, { kind: "ConversationService", friendlyName: `S${index} ${name}` }]),
      ),
      ...Object.fromEntries(
        conversations.flatMap(({ service, revision }, index) =>
          here(index) ? [[`c${index}`, { kind: "Conversation", service: `s${service}`, revision }]] : [],
        ),
      ),
      ...Object.fromEntries(
        participants.flatMap((participant, index) =>
          participant.present && here(participant.conversation)
            ? [
                [
                  `p${index}`,
                  {
                    kind: "Participant",
                    conversation: `c${participant.conversation}`,
                    who: who(index, participant),
                    revision: participant.revision,
                  },
                ],
              ]
            : [],
        ),
      ),
    };
  }

  return {
    next() {
      if (!isFirst) change();
      isFirst = false;
      return plan();
    },
  };
}

/** How many resources differ from one plan to the next. */
export function differing(before: Plan, after: Plan): number {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).length;
}
