import { expect, it } from "vitest";
import { mermaid } from "../../src/cli/shared/topology/mermaid";
import { topologyOf } from "../../src/cli/shared/topology/topology";
import { resource } from "./graph-state";

it("draws a number that reaches a TwiML app, and no other object that it names", () => {
  const app = `AP${"1".repeat(32)}`;
  const number = { phoneNumber: "+14155550100", voiceApplicationSid: app, smsApplicationSid: app, trunkSid: `TK${"1".repeat(32)}` };
  const topology = topologyOf([
    resource("iam:TwimlApp", "desk", app, { friendlyName: "Reception" }),
    resource("numbers:PhoneNumber", "number", "PN1", number),
    resource("numbers:PhoneNumber", "other", "PN2", { phoneNumber: "+14155550101" }),
  ]);
  expect(topology.nodes.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
    "TwiML app Reception",
    "number +14155550100",
    "number +14155550101",
  ]);
  const nameOf = (id: string) => id.split("::").at(-1);
  expect(topology.edges.map(({ from, to, relation }) => [nameOf(from), relation, nameOf(to)])).toEqual([["number", "reaches", "desk"]]);
  expect(mermaid(topology)).toContain("Reception");
});
