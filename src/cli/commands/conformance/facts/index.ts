import type { Fact } from "../fact";
import { accountFacts, applicationFacts } from "./account";
import { addressConfigurationFacts, boughtFacts, senderFacts } from "./bought";
import { configurationFacts } from "./configuration";
import { conversationFacts } from "./conversations";
import { messageFacts } from "./messages";
import { messagingServiceFacts } from "./messaging-services";
import { numberFacts } from "./numbers";
import { pagingFacts } from "./paging";
import { participantFacts, withParticipantsFacts } from "./participants";
import { roleFacts, userFacts } from "./people";
import { serviceFacts } from "./services";
import { stateFacts } from "./states";
import { webhookFacts } from "./webhooks";
import { wireFacts } from "./wire";

/** All facts, in the order in which they are tested: what needs nothing first. */
export const facts: readonly Fact[] = [
  ...wireFacts,
  ...pagingFacts,
  ...accountFacts,
  ...numberFacts,
  ...configurationFacts,
  ...serviceFacts,
  ...conversationFacts,
  ...stateFacts,
  ...participantFacts,
  ...withParticipantsFacts,
  ...messageFacts,
  ...webhookFacts,
  ...roleFacts,
  ...userFacts,
  ...messagingServiceFacts,
  ...applicationFacts,
  ...boughtFacts,
  ...senderFacts,
  ...addressConfigurationFacts,
];
