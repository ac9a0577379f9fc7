import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { describe as inWords } from "../../src/cli/commands/drift/report";
import type { DriftReport } from "../../src/cli/shared/drift-report";
import { openProgram, type ProgramProject } from "./program";

vi.setConfig({ testTimeout: 240_000 });

/** Runs `drift --json`; the report is missing where the command fails. */
async function driftOf(project: ProgramProject, ...args: string[]) {
  const { code, stdout, stderr } = await project.command(["drift", "--stack", "dev", "--json", ...args]);
  return { code, stderr, drift: (stdout === "" ? undefined : JSON.parse(stdout)) as DriftReport | undefined };
}

describe("a stack without resources", () => {
  let project: ProgramProject;
  beforeAll(async () => {
    project = await openProgram('new ConversationService("support", { friendlyName: "Support" });');
  });
  afterAll(() => project?.close());

  it("that was never updated has no drift, and --fix deploys nothing", async () => {
    const text = await project.command(["drift", "--stack", "dev", "--fix"]);
    expect(text).toMatchObject({ code: 0, stdout: "No drift in dev.\n", stderr: "" });
    expect(await project.twilio.writes()).toEqual([]);
    expect(await driftOf(project)).toMatchObject({ code: 0, drift: { drift: false, drifted: [], undeployed: [] } });
  });

  it("that was destroyed has no drift", async () => {
    await project.pulumi("up", "--yes", "--skip-preview");
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(await driftOf(project)).toMatchObject({ code: 0, drift: { drift: false, drifted: [], undeployed: [] } });
  });
});

describe("a repair that fails", () => {
  let project: ProgramProject;
  const program = (adopt: string) => `
const service = new ConversationService("support", { ${adopt} friendlyName: "Support" });
new Conversation("hello", { service, friendlyName: "Hello", uniqueName: "hello" }, { additionalSecretOutputs: ["messagingServiceSid"] });
`;
  beforeAll(async () => {
    project = await openProgram("");
    const { sid } = await project.twilio.client.conversations.v1.services.create({ friendlyName: "Support" });
    await project.write(program(`adopt: "${sid}",`));
    await project.pulumi("up", "--yes", "--skip-preview");
  });
  afterAll(() => project?.close());

  it("an adopted object that is gone is reported as such, and a program that cannot be previewed is refused before the state changes", async () => {
    await project.twilio.client.conversations.v1.services(await project.idOf("support")).remove();
    const { code, drift } = await driftOf(project);
    expect({ code, gone: drift?.drifted.map(({ name, gone, adopted }) => ({ name, gone, adopted })) }).toEqual({
      code: 2,
      gone: [
        { name: "hello", gone: true, adopted: undefined },
        { name: "support", gone: true, adopted: true },
      ],
    });
    expect(inWords(drift as DriftReport)).toMatch(
      /^ConversationService support +– +there +gone +nobody: without `adopt`, one is created$/m,
    );
    const before = await project.state();
    const deployed = program(`adopt: "${await project.idOf("support")}",`);
    await project.write(`${deployed}throw new Error("the program fails");`);
    const fix = await driftOf(project, "--fix");
    expect(fix).toMatchObject({ code: 1, drift: undefined });
    expect(fix.stderr).toMatch(/^error: the drift is not repaired, and nothing is changed: .*the program fails/m);
    expect(await project.state()).toBe(before);
    await project.write(deployed);
  });

  it("a state that lacks what the program declares is not free of drift", async () => {
    await expect(project.pulumi("up", "--refresh", "--yes", "--skip-preview")).rejects.toThrow(
      /adopt must name a ConversationService of account AC\w+; there is none: remove `adopt`; it is then created/,
    );
    const { code, drift, stderr } = await driftOf(project);
    expect({ code, stderr, found: drift?.drift, drifted: drift?.drifted }).toEqual({ code: 2, stderr: "", found: true, drifted: [] });
    expect(drift?.undeployed.map(({ type, name, gone }) => `${type} ${name} ${gone}`)).toContain("ConversationService support true");
    const text = inWords(drift as DriftReport);
    expect(text).toContain("The last operation on dev was not a successful update. Its state is not what the program declares:\n");
    expect(text).toMatch(/^ConversationService support +– +there +not there$/m);
    expect(text).not.toContain("No drift");
  });

  it("a program that cannot be previewed leaves drift unknown, which is a failure", async () => {
    await project.write('throw new Error("the program fails");');
    const { code, drift, stderr } = await driftOf(project);
    expect({ code, drift }).toEqual({ code: 1, drift: undefined });
    expect(stderr).toMatch(
      /^error: it is not known whether dev has drift\. .*last operation \(update\) did not succeed.*the program fails/,
    );
  });

  it("--fix deploys what the state lacks, and an update that succeeds ends the comparison with the program", async () => {
    await project.write(program(""));
    const { code, drift } = await driftOf(project, "--fix");
    expect({ code, drift: drift?.drift, fixed: drift?.fixed?.map(({ name }) => name).sort() }).toEqual({
      code: 0,
      drift: false,
      fixed: ["hello", "support"],
    });
    const service = project.twilio.client.conversations.v1.services(await project.idOf("support"));
    expect((await service.conversations("hello").fetch()).friendlyName).toBe("Hello");
    // An edit that nobody has deployed is not drift.
    await project.write(`${program("")}new ConversationService("another", { friendlyName: "Another" });`);
    expect(await driftOf(project)).toMatchObject({ code: 0, drift: { drift: false, undeployed: [] } });
  });

  it("what a refresh wrote into the state differs from the program", async () => {
    await project.write(program(""));
    const service = project.twilio.client.conversations.v1.services(await project.idOf("support"));
    await service.conversations("hello").update({ friendlyName: "Theirs" });
    await project.pulumi("refresh", "--yes", "--skip-preview");
    const { code, drift } = await driftOf(project);
    expect({ code, drifted: drift?.drifted }).toEqual({ code: 2, drifted: [] });
    expect(drift?.undeployed.map(({ name, gone, properties }) => ({ name, gone, properties }))).toEqual([
      { name: "hello", gone: false, properties: [{ property: "friendlyName", declared: "Hello", actual: "Theirs", repair: "update" }] },
    ]);
    expect(inWords(drift as DriftReport)).toMatch(/^Conversation hello +friendlyName +"Hello" +"Theirs"$/m);
    await project.pulumi("up", "--yes", "--skip-preview");
    expect((await service.conversations("hello").fetch()).friendlyName).toBe("Hello");
  });

  it("an output that is a secret is not shown, although Twilio reports its value", async () => {
    const service = project.twilio.client.conversations.v1.services(await project.idOf("support"));
    const { messagingServiceSid } = await service.conversations("hello").fetch();
    expect(messagingServiceSid).toMatch(/^MG/);
    const { code, stdout } = await project.command(["drift", "--stack", "dev", "--json"]);
    expect({ code, leftAlone: (JSON.parse(stdout) as DriftReport).leftAlone }).toEqual({ code: 0, leftAlone: [] });
    expect(stdout).not.toContain(messagingServiceSid);
  });

  it("a conversation that is closed at Twilio is shown, and is not drift", async () => {
    const service = project.twilio.client.conversations.v1.services(await project.idOf("support"));
    await service.conversations("hello").update({ state: "closed" });
    const before = await driftOf(project);
    expect(before).toMatchObject({ code: 0, drift: { drift: false, closed: [{ type: "Conversation", name: "hello" }] } });
    expect(inWords(before.drift as DriftReport)).toContain(
      "Closed at Twilio: Conversation hello. The program declares no state, so this is not drift.",
    );
    // Also once the state knows it.
    await project.pulumi("up", "--refresh", "--yes", "--skip-preview");
    expect(await driftOf(project)).toMatchObject({
      code: 0,
      drift: { drift: false, closed: [{ name: "hello" }], leftAlone: [], warnings: [] },
    });
  });
});
