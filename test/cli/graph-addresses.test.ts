import { expect, it } from "vitest";
import { placementOf, topologyOf } from "../../src/cli/shared/topology/topology";
import { urn } from "./graph-state";

it("knows the postal address of a number, which is in no group", () => {
  const known = `AD${"1".repeat(32)}`;
  const number = (name: string, phoneNumber: string, inputs: object) => ({
    urn: urn("number", name),
    type: "pulumi-nodejs:twilio/numbers:PhoneNumber",
    inputs: { phoneNumber, ...inputs },
  });
  const topology = topologyOf([
    {
      urn: "urn:pulumi:dev::project::a::office",
      type: "pulumi-nodejs:twilio/numbers:Address",
      id: known,
      inputs: { customerName: "Shop" },
    },
    number("desk", "+14155550100", { addressSid: known }),
    number("other", "+14155550101", { emergencyAddressSid: `AD${"2".repeat(32)}` }),
  ]);
  const name = (id: string) => topology.nodes.find((node) => node.id === id)?.title;
  expect(topology.edges.map(({ from, relation, to }) => `${name(from)} ${relation} ${name(to)}`).sort()).toEqual([
    "+14155550100 uses Shop",
    `+14155550101 uses AD${"2".repeat(32)}`,
  ]);
  expect(
    placementOf(topology)
      .others.map(({ title }) => title)
      .sort(),
  ).toEqual([`AD${"2".repeat(32)}`, "Shop"]);
});
