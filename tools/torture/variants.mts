import type { Random } from "../harness/random.mts";
import type { Item, ParticipantItem, Plan } from "./plan.mts";

/** A program of 50 resources that keeps changing: two numbers, three services, 15 conversations, 30 participants. */
export interface Variants {
  /** The next variant: some resources are updated, some replaced, some removed, some new. */
  next(): Plan;
}

interface Service {
  /** A change of the name replaces the service. */
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
  /** A change of the person replaces the participant. */
  person: number;
  revision: number;
}

const counts = { services: 3, conversations: 15, participants: 30 };
const list = <T,>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** Generates variants. The first one is the whole program. */
export function variants(random: Random): Variants {
  const state = new ProgramState();
  let isFirst = true;
  return {
    next() {
      if (!isFirst) state.change(random);
      isFirst = false;
      return state.plan();
    },
  };
}

class ProgramState {
  readonly numbers = { first: 1, second: 1, isSecondPresent: true };
  readonly services = list(counts.services, (): Service => ({ name: 1 }));
  readonly conversations = list(
    counts.conversations,
    (index): Conversation => ({ present: true, service: index % counts.services, revision: 1 }),
  );
  readonly participants = list(
    counts.participants,
    (index): Participant => ({ present: true, conversation: index % counts.conversations, person: 1, revision: 1 }),
  );

  change(random: Random): void {
    const { numbers, services, conversations, participants } = this;
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

  plan(): Plan {
    const { numbers, services, conversations, participants } = this;
    const plan: Record<string, Item> = { first: { kind: "PhoneNumber", by: "areaCode", onDelete: "retain", revision: numbers.first } };
    if (numbers.isSecondPresent) plan.second = { kind: "PhoneNumber", by: "search", onDelete: "release", revision: numbers.second };
    for (const [index, { name }] of services.entries()) {
      plan[`s${index}`] = { kind: "ConversationService", friendlyName: `S${index} ${name}` };
    }
    for (const [index, { present, service, revision }] of conversations.entries()) {
      if (present) plan[`c${index}`] = { kind: "Conversation", service: `s${service}`, revision };
    }
    for (const [index, participant] of participants.entries()) {
      const { present, conversation, revision } = participant;
      if (!present || !conversations[conversation]?.present) continue;
      plan[`p${index}`] = { kind: "Participant", conversation: `c${conversation}`, who: this.who(index, participant), revision };
    }
    return plan;
  }

  /** Every second participant is a phone, which texts with one of the existing numbers. */
  private who(index: number, { person }: Participant): ParticipantItem["who"] {
    if (index % 2 === 0) return { identity: `person-${index}-${person}` };
    const address = `+1555${2_000_000 + 1000 * index + person}`;
    const number = this.numbers.isSecondPresent && index % 4 === 1 ? "second" : "first";
    return { channel: index % 6 === 1 ? "whatsapp" : "sms", address, number };
  }
}

/** Counts the resources that differ between two plans. */
export function countDifferences(before: Plan, after: Plan): number {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).length;
}
