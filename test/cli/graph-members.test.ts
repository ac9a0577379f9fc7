import { expect, it } from "vitest";
import { topologyOf } from "../../src/cli/shared/topology/topology";
import { urn } from "./graph-state";

it("draws a participant in the conversation that declares others", () => {
  const id = `IS${"1".repeat(32)}/CH${"2".repeat(32)}`;
  const topology = topologyOf([
    {
      urn: urn("conversation", "crew"),
      type: "pulumi-nodejs:twilio/conversations:ConversationWithParticipants",
      id,
      inputs: { friendlyName: "Crew" },
    },
    {
      urn: urn("participant", "ada"),
      type: "pulumi-nodejs:twilio/conversations:Participant",
      inputs: { conversation: id, identity: "ada" },
    },
    {
      urn: urn("conversation", "hello"),
      type: "pulumi-nodejs:twilio/conversations:ConversationMessage",
      inputs: { conversation: id, body: "private" },
    },
  ]);
  const title = (id: string) => topology.nodes.find((node) => node.id === id)?.title;
  expect(topology.nodes.filter(({ kind }) => kind.startsWith("conversation")).map((node) => node.title)).toEqual(["Crew"]);
  const edges = topology.edges.map(({ from, relation, to }) => `${title(from)} ${relation} ${title(to)}`);
  expect(edges.filter((edge) => edge.startsWith("Crew")).sort()).toEqual(["Crew includes ada", "Crew includes hello"]);
  expect(JSON.stringify(topology)).not.toContain("private");
});
