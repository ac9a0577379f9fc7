import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { catalog, sets } from "../../src/catalog";
import { propertiesOf } from "../../src/cli/commands/drift/compare";
import { describe as inWords } from "../../src/cli/commands/drift/report";
import { entryOf } from "../../src/cli/shared/catalog";
import type { DriftReport } from "../../src/cli/shared/drift-report";
import type { Step } from "../../src/cli/shared/steps";
import { resourceName } from "../../src/core/lifecycle/check";
import provider from "../../src/provider";
import { startForge, TOKEN } from "./comment/forges";
import { openProgram, type ProgramProject } from "./program";

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = `
const number = new PhoneNumber("front-desk", { search: { country: "US", smsEnabled: true }, smsUrl: "https://example.com/sms" });
const service = new ConversationService("support", { friendlyName: "Support" });
const hello = new Conversation("hello", {
  service, friendlyName: "Hello", attributes: { color: "red", key: pulumi.secret("hush") }, timers: { closed: "P7D" },
});
new Conversation("secret", { service, friendlyName: pulumi.secret("Sshh"), attributes: pulumi.secret({ key: "hush" }), timers: pulumi.secret({ closed: "P7D" }) });
new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
new Participant("group", { conversation: hello, address: "+15558675311" });
const { AddressConfiguration, ConversationMessage } = require("pulumi-twilio-conversations");
new ConversationMessage("welcome", { conversation: hello, body: "Welcome" });
const mail = new ConversationService("mail", { friendlyName: "Mail" });
new AddressConfiguration("mail", { type: "email", address: "help@example.com", conversationService: mail, autoCreation: { default: {} } });
`;

/** A report that found nothing. */
const report: DriftReport = {
  ...{ stack: "dev", drift: false, drifted: [], undeployed: [], closed: [], unseen: [], leftAlone: [], warnings: [] },
};

it("drift knows every resource type of the provider, but for the sets, whose items it compares", () => {
  const known = catalog.map(({ type }) => entryOf(`pulumi-nodejs:${type}`)).map((entry) => entry && resourceName(entry.definition));
  expect([...known, ...sets.map(resourceName)].sort()).toEqual(Object.keys(provider).sort());
});

it("a long list of undeclared properties is cut for people; what was repaired or not checked is reported", () => {
  const one = { urn: "u", type: "Conversation", name: "hello", id: "IS/CH" };
  const leftAlone = Array.from({ length: 25 }, (_, index) => ({ ...one, property: `attributes.key${index}` }));
  const fixed = [{ ...one, gone: true, properties: [] }];
  const text = inWords({ ...report, leftAlone, notAsked: "2 of another account", fixed });
  expect(text.match(/^Conversation hello /gm)).toHaveLength(20);
  expect(text).toContain("… and 5 more, which --json lists\n");
  expect(text).toContain("Repaired: 1 gone.\n  Conversation hello\n");
  expect(text).toContain("Not checked for undeclared properties: 2 of another account\n");
});

describe("a change within a list that has no order", () => {
  const stepOf = (kind: string, oldInputs: object, newInputs: object, paths: readonly string[]) =>
    ({
      op: "update",
      urn: `urn:pulumi:dev::p::pulumi-nodejs:twilio/conversations:${kind}::it`,
      oldState: { inputs: oldInputs },
      newState: { inputs: newInputs },
      detailedDiff: Object.fromEntries(paths.map((path) => [path, { kind: "update" }])),
    }) as unknown as Step;

  it("is one change of the list, because the places in it say nothing", () => {
    const [bob, ada] = [{ identity: "bob" }, { identity: "ada" }];
    const actual = [{ ...ada, sid: "MB1" }];
    const paths = ["friendlyName", "participants[0].identity", "participants[0].sid", "participants[1]"];
    const found = propertiesOf(
      stepOf(
        "ConversationWithParticipants",
        { friendlyName: "a", participants: [bob, ada] },
        { friendlyName: "b", participants: actual },
        paths,
      ),
    );
    expect(found).toEqual([
      { property: "friendlyName", declared: "a", actual: "b", repair: "update" },
      { property: "participants", declared: [bob, ada], actual, repair: "update" },
    ]);
    const role = stepOf("ConversationRole", { permissions: ["a", "b"] }, { permissions: ["b"] }, ["permissions[0]", "permissions[1]"]);
    expect(propertiesOf(role)).toEqual([{ property: "permissions", declared: ["a", "b"], actual: ["b"], repair: "update" }]);
  });

  it("is shown at its place where the list is the program's own", () => {
    const step = stepOf("Conversation", { attributes: { list: [1, 2] } }, { attributes: { list: [1, 3] } }, ["attributes.list[1]"]);
    expect(propertiesOf(step)).toEqual([{ property: "attributes.list[1]", declared: 2, actual: 3, repair: "update" }]);
  });
});

it("a resource of a provider that does not report which property changed has a row", () => {
  const drifted = [{ urn: "u", type: "Bucket", name: "files", id: "b", gone: false, properties: [] }];
  const text = inWords({ ...report, drift: true, drifted });
  expect(text).toMatch(/^Bucket files +– +there +changed +the program$/m);
});

describe("twilio-conversations drift, on the real engine", () => {
  let project: ProgramProject;
  beforeAll(async () => {
    project = await openProgram(PROGRAM);
    await project.pulumi("up", "--yes", "--skip-preview");
  });
  afterAll(() => project?.close());

  /** The last report. */
  let last: DriftReport;
  const command = (...args: string[]) => project.command(["drift", "--stack", "dev", ...args]);
  async function found(...args: string[]) {
    const { code, stdout, stderr } = await command("--json", ...args);
    expect(stdout.trimEnd().split("\n"), stderr).toHaveLength(1);
    return { code, stderr, drift: JSON.parse(stdout) as DriftReport };
  }
  const service = async () => project.twilio.client.conversations.v1.services(await project.idOf("support"));
  const conversation = async (name: string) => (await service()).conversations((await project.idOf(name)).split("/")[1] as string);
  const participant = async (name: string) =>
    (await conversation("hello")).participants((await project.idOf(name)).split("/")[2] as string);

  it("finds no drift, exits with 0, lists the properties that it cannot check, and --fix runs no update", async () => {
    const before = await project.state();
    const { code, stdout } = await command("--fix");
    expect(code).toBe(0);
    expect(stdout).toContain("No drift in dev.");
    expect(stdout).toContain("timers.closed of Conversation hello");
    expect(stdout).not.toContain("Repaired");
    expect(await project.state()).toBe(before);
  });

  it("undeclared properties are shown and are not drift; the values of undeclared keys are not shown", async () => {
    const hello = await conversation("hello");
    await hello.update({ attributes: JSON.stringify({ color: "red", key: "hush", theirs: "private" }) });
    const number = project.twilio.client.incomingPhoneNumbers(await project.idOf("front-desk"));
    await number.update({ voiceUrl: "https://example.com/voice", voiceMethod: "GET", statusCallback: "https://me:pass@example.com" });
    const { code, drift } = await found();
    expect({ code, stack: drift.stack, drift: drift.drift, drifted: drift.drifted }).toEqual({
      code: 0,
      stack: "dev",
      drift: false,
      drifted: [],
    });
    const hidden = { urn: expect.stringMatching(/::hello$/), type: "Conversation", name: "hello", id: await project.idOf("hello") };
    // Of a secret group, the report does not show which members are declared.
    const secret = { urn: expect.stringMatching(/::secret$/), type: "Conversation", name: "secret", id: await project.idOf("secret") };
    expect(drift.unseen).toEqual([
      { ...hidden, property: "timers.closed" },
      { ...secret, property: "timers" },
    ]);
    expect(drift.leftAlone.map(({ type, name, property, known, actual }) => ({ type, name, property, known, actual }))).toEqual([
      { type: "Conversation", name: "hello", property: "attributes.theirs", known: undefined, actual: undefined },
      { type: "PhoneNumber", name: "front-desk", property: "voiceUrl", known: undefined, actual: "https://example.com/voice" },
      { type: "PhoneNumber", name: "front-desk", property: "voiceMethod", known: "POST", actual: "GET" },
      // It contains credentials, and this text goes into issues and comments.
      { type: "PhoneNumber", name: "front-desk", property: "statusCallback", known: undefined, actual: "[secret]" },
    ]);
    expect(JSON.stringify(drift)).not.toMatch(/private|pass@/);
    await number.update({ voiceUrl: "", voiceMethod: "POST", statusCallback: "" });
  });

  it("a URL with credentials or a token is not shown, even if the program's URL is not a secret", async () => {
    const number = project.twilio.client.incomingPhoneNumbers(await project.idOf("front-desk"));
    await number.update({ smsUrl: "https://example.com/sms?token=hush" });
    const { drift } = await found();
    expect(drift.drifted.map(({ properties }) => properties)).toEqual([
      [{ property: "smsUrl", declared: "https://example.com/sms", actual: "[secret]", repair: "update" }],
    ]);
    await number.update({ smsUrl: "https://example.com/sms" });
  });

  it("reports changed and removed properties, one that needs a replacement, a secret, and a participant and a number that are gone, with exit code 2", async () => {
    await (await conversation("hello")).update({ friendlyName: "Theirs", attributes: '{"key":"changed-hush"}' });
    await (await conversation("secret")).update({ friendlyName: "Loud" });
    await (await participant("pineapple")).remove();
    const { phoneNumber } = await project.twilio.client.incomingPhoneNumbers(await project.idOf("front-desk")).fetch();
    await (await participant("group")).update({ "messagingBinding.proxyAddress": phoneNumber });
    await project.twilio.client.incomingPhoneNumbers(await project.idOf("front-desk")).remove();
    const { services, addressConfigurations } = project.twilio.client.conversations.v1;
    const [{ sid: configuration, autoCreation }] = (await addressConfigurations.list()) as unknown as [
      { sid: string; autoCreation: Record<string, string> },
    ];
    await services(autoCreation.conversation_service_sid as string).remove();
    const before = await project.state();
    const calls = await project.twilio.writes();
    const { code, drift } = await found();
    expect(code).toBe(2);
    const rows = drift.drifted.map(({ type, name, gone, properties }) => ({ is: `${type} ${name}`, gone, properties }));
    const byName = Object.fromEntries(rows.map(({ is, ...rest }) => [is, rest]));
    expect(byName).toEqual({
      "AddressConfiguration mail": {
        gone: false,
        properties: [{ property: "conversationService", declared: autoCreation.conversation_service_sid, repair: "update" }],
      },
      "ConversationService mail": { gone: true, properties: [] },
      "Conversation hello": {
        gone: false,
        properties: [
          { property: "attributes.color", declared: "red", repair: "update" },
          { property: "attributes.key", declared: "[secret]", actual: "[secret]", repair: "update" },
          { property: "friendlyName", declared: "Hello", actual: "Theirs", repair: "update" },
        ],
      },
      "Conversation secret": {
        gone: false,
        properties: [{ property: "friendlyName", declared: "[secret]", actual: "[secret]", repair: "update" }],
      },
      "Participant group": { gone: false, properties: [{ property: "address", declared: "+15558675311", repair: "replace" }] },
      "Participant pineapple": { gone: true, properties: [] },
      "PhoneNumber front-desk": { gone: true, properties: [] },
    });
    // The comparison writes nothing, neither to the state nor to Twilio.
    expect(await project.state()).toBe(before);
    expect(await project.twilio.writes()).toEqual(calls);
    last = drift;
    const text = inWords(drift);
    expect(text).toContain("Drift in dev: 4 changed, 3 gone.");
    // The table shows no value at Twilio, where a service is named that no longer exists.
    expect(text).toContain(
      `The comparison warns:\n  AddressConfiguration ${configuration} names ConversationService ${autoCreation.conversation_service_sid}, which account ` +
        `${project.emulator.accountSid} no longer has.`,
    );
    expect(text).toMatch(/^Conversation hello +friendlyName +"Hello" +"Theirs" +the program$/m);
    expect(text).toMatch(/^Participant group +address .* the program, by replacement$/m);
    expect(text).toMatch(/^Participant pineapple +– +there +gone +the program: a new one is created$/m);
    expect(text).toMatch(/^PhoneNumber front-desk +– +there +gone +the program: a new one is bought$/m);
    for (const secret of ["hush", "Sshh", "Loud"]) expect(text + JSON.stringify(drift)).not.toContain(secret);
  });

  it("a pull request's comment shows the preview of this stack, what its numbers cost, and this drift", async () => {
    const forge = await startForge("GitHub");
    onTestFinished(() => forge.close());
    const [preview, drift, event] = ["preview.json", "drift.json", "event.json"].map((name) => join(project.folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(preview, await project.pulumi("preview", "--json", "--show-sames"));
    await writeFile(drift, JSON.stringify(last));
    await writeFile(event, '{"pull_request": {"number": 7}}');
    const { code, stdout, stderr } = await project.command(["ci", "comment", "--preview", preview, "--drift", drift], {
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: forge.url,
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_EVENT_PATH: event,
      GITHUB_TOKEN: TOKEN,
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "dev: comment on GitHub created\n", stderr: "" });
    const body = String(forge.comments[0]?.body);
    expect(body).toContain("**Nothing changes.**");
    expect(body).toMatch(/\*\*Numbers, a month:\*\* \d+\.\d\d USD \(1 number\) → \d+\.\d\d USD \(1 number\)/);
    expect(body).toContain("<summary>Drift: 4 changed, 3 gone; pulumi up --refresh resets it</summary>");
    expect(body).toContain("| Conversation `secret` | `friendlyName` | `[secret]`, at Twilio `[secret]` |");
    for (const secret of ["hush", "Sshh", "Loud", project.emulator.authToken]) expect(body).not.toContain(secret);
  });

  it("--fix repairs all drift, reports the repairs, and finds none afterwards", async () => {
    const { code, stderr, drift } = await found("--fix");
    expect(code).toBe(0);
    expect(stderr).toContain("Updating (dev)");
    expect(drift).toMatchObject({ drift: false, drifted: [] });
    expect(drift.fixed?.map(({ name }) => name).sort()).toEqual(["front-desk", "group", "hello", "mail", "mail", "pineapple", "secret"]);
    expect((await project.twilio.client.incomingPhoneNumbers.list()).map(({ sid }) => sid)).toEqual([await project.idOf("front-desk")]);
    const { friendlyName, attributes } = await (await conversation("hello")).fetch();
    expect({ friendlyName, attributes: JSON.parse(attributes) }).toEqual({
      friendlyName: "Hello",
      attributes: { color: "red", key: "hush" },
    });
    expect((await (await conversation("secret")).fetch()).friendlyName).toBe("Sshh");
    expect((await (await participant("pineapple")).fetch()).identity).toBe("testPineapple");
  });

  it("--fix refuses to delete what the program no longer declares; `up --refresh` deletes it", async () => {
    const secret = await conversation("secret");
    await (await conversation("hello")).update({ friendlyName: "Theirs" });
    await project.write(PROGRAM.replace(/^new Conversation\("secret".*$/m, ""));
    const { code, stdout, stderr } = await command("--fix", "--json");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: the drift is not repaired: .* no longer declares Conversation secret, which a repair would delete\. /m);
    expect((await secret.fetch()).friendlyName).toBe("Sshh");
    await project.pulumi("up", "--refresh", "--yes", "--skip-preview");
    await expect(secret.fetch()).rejects.toMatchObject({ status: 404 });
    expect((await (await conversation("hello")).fetch()).friendlyName).toBe("Hello");
  });

  it("a closed conversation that was renamed cannot be repaired: the report says so, and --fix fails with the reason", async () => {
    const hello = await conversation("hello");
    await hello.update({ friendlyName: "Theirs" });
    await hello.update({ state: "closed" });
    const { drift } = await found();
    expect(drift.drifted.map(({ name, properties }) => ({ name, properties }))).toEqual([
      { name: "hello", properties: [{ property: "friendlyName", declared: "Hello", actual: "Theirs", repair: "refuse" }] },
    ]);
    const before = await project.state();
    const { code, stdout, stderr } = await command("--fix", "--json");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(await project.state()).toBe(before);
    expect(stderr).toContain("a closed conversation cannot be changed (friendlyName)");
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^error: the drift is not repaired, and nothing is changed: `pulumi preview --refresh` fails: /,
    );
  });

  it("a missing stack, a missing project and a refusal of Twilio are errors on one line", async () => {
    const unknown = await project.command(["drift", "--stack", "nowhere"]);
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toMatch(/^error: .*nowhere.*\n$/);
    await project.twilio.fault({ path: "/v1/*", status: 401, code: 20003 });
    const refused = await command();
    await project.twilio.forgetFaults();
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^error: the stack cannot be compared with Twilio: .*20003.*\n$/);
  });
});
