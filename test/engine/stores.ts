import type { Input } from "@pulumi/pulumi";
import { type ConversationArgs, ConversationService, ConversationSet } from "../../src/index";

/** The program of a set `stores`, with the items of the moment, in a service of its own. */
export const storesWith = (items: () => Record<string, Input<ConversationArgs>>) => async () => {
  const service = new ConversationService("support", { friendlyName: "Support" });
  new ConversationSet("stores", { service, items: items() });
};
