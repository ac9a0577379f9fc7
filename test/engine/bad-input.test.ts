import type { Output } from "@pulumi/pulumi";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Props } from "../../src/core/lifecycle/props";
import { Conversation, ConversationService, Participant, PhoneNumber } from "../../src/index";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Outcome } from "../support/engine";
import type { Declared } from "../support/mini-engine";
import { type Mistake, mistakes, type ProgramResource, programs, withMistake } from "../support/mistakes";
import { TestTwilio } from "../support/test-twilio";
import { expectOk, type Lab, openLab } from "./lab";

const definitions = {
  PhoneNumber: phoneNumber,
  ConversationService: conversationService,
  Conversation: conversation,
  Participant: participant,
};
const classes = { PhoneNumber, ConversationService, Conversation, Participant };

/** The outputs that replace names in guillemets. */
const references: Record<string, readonly [name: string, output: string]> = {
  service: ["support", "id"],
  conversation: ["hello", "id"],
  party: ["party", "id"],
  number0: ["front-desk", "phoneNumber"],
  number1: ["front-desk", "phoneNumber"],
};
const fixed: Record<string, string> = { role: "", messagingService: "", forSale: "" };

/** Replaces every name in guillemets, alone or at the end of a string. */
function resolve(args: Props, found: (name: string, output: string) => unknown, join: (before: string, value: unknown) => unknown): Props {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]));
    const match = typeof value === "string" ? /^(.*)«(\w+)»$/.exec(value) : null;
    if (!match) return value;
    const [, before = "", thing = ""] = match;
    const reference = references[thing];
    const known = reference ? found(...reference) : fixed[thing];
    return before ? join(before, known) : known;
  };
  return walk(args) as Props;
}

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
  fixed.forSale = twilio.forSale[2] as string;
});
afterAll(() => twilio.close());

/** Resets the account; a valid program names a role and a messaging service that it has. */
async function reset(): Promise<void> {
  await twilio.reset();
  const { roles } = await twilio.rest("GET", "conversations", "/v1/Roles");
  const { services } = await twilio.rest("GET", "messaging", "/v1/Services");
  fixed.role = String((roles as Props[]).find(({ type }) => type === "conversation")?.sid);
  fixed.messagingService = String((services as Props[])[0]?.sid);
}

describe("invalid input, on the in-process engine", () => {
  const declared = (program: readonly ProgramResource[]): Declared[] =>
    program.map(({ kind, name, args }) => ({
      name,
      definition: definitions[kind],
      args: (of) =>
        resolve(
          args,
          (other, output) => of(other)[output],
          (before, value) => `${before}${value}`,
        ),
    }));

  it("a valid program passes the preview, which writes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        await reset();
        const steps = await twilio.engine().preview(declared(program));
        expect(new Set(Object.values(steps))).toEqual(new Set(["create"]));
        expect(twilio.writes()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("a program with one mistake fails preview and up with the property and the correction, and neither writes", async () => {
    const property = (mistakesOfOneKind: fc.Arbitrary<Mistake>) =>
      fc.asyncProperty(programs, mistakesOfOneKind, async (program, mistake) => {
        await reset();
        const engine = twilio.engine();
        for (const operation of ["preview", "up"] as const) {
          const { failures = [] } = await engine[operation](declared(withMistake(program, mistake))).then(
            () => expect.unreachable(`${operation} accepted the mistake`),
            (error) => error as { failures?: { property: string; reason: string }[] },
          );
          expect(failures.map(({ reason }) => reason).join("\n")).toContain(mistake.advice);
          expect(failures.map(({ reason }) => reason.split(" ")[0])).toContain(mistake.property);
        }
        expect(twilio.writes()).toEqual([]);
        expect(engine.state).toEqual([]);
      });
    for (const mistakesOfOneKind of mistakes) await fc.assert(property(mistakesOfOneKind), { numRuns: 3 });
  });
});

/** Declares the program as users do, with parents as resources and the number as an output. */
function declare(program: readonly ProgramResource[]): void {
  const declared: Record<string, Record<string, Output<string>>> = {};
  for (const { kind, name, args } of program) {
    const known = resolve(
      args,
      (other, output) => (output === "id" ? declared[other] : declared[other]?.[output]),
      (before, value) => (value as Output<string>).apply((text) => before + text),
    );
    declared[name] = new classes[kind](name, known as never) as never;
  }
}

describe("invalid input, on the real engine", () => {
  let lab: Lab;
  let program: readonly ProgramResource[];
  beforeAll(async () => {
    lab = await openLab({ program: async () => declare(program) });
  });
  afterAll(() => lab.close());

  const valid: readonly ProgramResource[] = [
    { kind: "PhoneNumber", name: "front-desk", args: { search: { country: "US", smsEnabled: true } } },
    { kind: "ConversationService", name: "support", args: { friendlyName: "Support" } },
    { kind: "Conversation", name: "hello", args: { service: "«service»", uniqueName: "hello", timers: { inactive: "PT1H" } } },
    { kind: "Participant", name: "pineapple", args: { conversation: "«conversation»", identity: "testPineapple" } },
    {
      kind: "Participant",
      name: "mobile",
      args: { conversation: "«conversation»", sms: { address: "+15558675310", proxyAddress: "«number0»" } },
    },
    {
      kind: "Participant",
      name: "abroad",
      args: { conversation: "«conversation»", whatsapp: { address: "whatsapp:+15558675310", proxyAddress: "whatsapp:«number0»" } },
    },
    { kind: "Conversation", name: "party", args: { service: "«service»" } },
    { kind: "Participant", name: "group", args: { conversation: "«party»", address: "+15558675310" } },
    { kind: "Participant", name: "ours", args: { conversation: "«party»", projectedAddress: "«number0»" } },
  ];
  type Expected = Omit<Mistake, "change">;

  /** Expects a failure with an error for the resource, either under its name or in the list of all problems. */
  function expectError(outcome: Outcome, { name, property, advice }: Expected): void {
    expect(outcome.ok, outcome.text).toBe(false);
    const lines = outcome.diagnostics.flatMap(({ severity, urn, message }) =>
      severity === "error" ? message.split("\n").map((line) => `${urn.split("::").at(-1)} ${line}`) : [],
    );
    expect(
      lines.some((line) => [name, property, advice].every((words) => line.includes(words))),
      `${name}, ${property}, ${advice}:\n${lines.join("\n")}`,
    ).toBe(true);
    expect(outcome.text).not.toMatch(/^ +at /m);
  }

  it("a valid program passes the preview, which writes nothing", async () => {
    program = valid;
    expectOk(await lab.stack.preview());
    expect(await lab.twilio.writes()).toEqual([]);
  });

  describe("one preview reports every mistake and writes nothing:", () => {
    const sms = { address: "+15558675311", proxyAddress: "«number0»" };
    const person = { conversation: "«conversation»" };
    const rows: Record<string, readonly [kind: ProgramResource["kind"], args: Props, property: string, advice: string]> = {
      "a number that is not E.164": ["PhoneNumber", { phoneNumber: "415-555-0100" }, "phoneNumber", "like +15558675310"],
      "phoneNumber together with areaCode": [
        "PhoneNumber",
        { phoneNumber: "+14155550100", areaCode: "415" },
        "areaCode",
        "declare exactly one of",
      ],
      "a service SID that is not valid": ["Conversation", { service: "XX1" }, "service", "pass the resource or its id"],
      "attributes that are not JSON": ["Conversation", { attributes: "not JSON" }, "attributes", "must be an object, not its JSON text"],
      'the state "archived"': ["Conversation", { state: "archived" }, "state", '"active", "inactive", "closed"'],
      "a friendlyName of 300 characters": ["Conversation", { friendlyName: "x".repeat(300) }, "friendlyName", "at most 256"],
      'the timer "soon"': ["Conversation", { timers: { inactive: "soon" } }, "timers.inactive", "like PT10M for ten minutes"],
      "a participant's address that is not E.164": [
        "Participant",
        { ...person, sms: { ...sms, address: "5558675310" } },
        "sms.address",
        "like +15558675310",
      ],
      "a participant with identity and address": ["Participant", { ...person, identity: "ada", sms }, "sms", "declare two participants"],
      "a participant with neither identity nor address": ["Participant", person, "identity", "declare one of `identity`, `sms`"],
    };
    const nameOf = (what: string) => what.replace(/\W+/g, "-");
    let outcome: Outcome;
    beforeAll(async () => {
      program = [...valid, ...Object.entries(rows).map(([what, [kind, args]]) => ({ kind, name: nameOf(what), args }))];
      outcome = await lab.stack.preview();
      expect(await lab.twilio.writes()).toEqual([]);
    });
    it.each(Object.entries(rows))("%s", (what, [_kind, _args, property, advice]) =>
      expectError(outcome, { name: nameOf(what), property, advice }),
    );
  });

  it.each<[what: string, kind: ProgramResource["kind"], args: Props, property: string, advice: string]>([
    [
      "a second participant with the same address and proxyAddress",
      "Participant",
      { conversation: "«conversation»", sms: { address: "+15558675310", proxyAddress: "«number0»" } },
      "address and proxyAddress",
      "Declare only one of them",
    ],
    [
      "a second participant with the same identity",
      "Participant",
      { conversation: "«conversation»", identity: "testPineapple" },
      "identity",
      "Declare only one of them",
    ],
    [
      "a second conversation with the same uniqueName",
      "Conversation",
      { service: "«service»", uniqueName: "hello" },
      "uniqueName",
      "Declare only one of them",
    ],
    [
      "a search without a matching number",
      "PhoneNumber",
      { search: { country: "US", contains: "+10000000000" } },
      "search",
      "Declare fewer",
    ],
  ])("%s fails the preview, which writes nothing", async (_what, kind, args, property, advice) => {
    program = [...valid, { kind, name: "late", args }];
    expectError(await lab.stack.preview(), { name: "late", property, advice });
    expect(await lab.twilio.writes()).toEqual([]);
  });

  const samples = fc.sample(fc.oneof(...mistakes), { seed: 20_261_124, numRuns: 7 });

  it("a program with any mistake fails the preview, which names resource, property and correction and writes nothing", async () => {
    for (const mistake of samples) {
      program = withMistake(valid, mistake);
      expectError(await lab.stack.preview(), mistake);
    }
    expect(await lab.twilio.writes()).toEqual([]);
  });

  it("a program with any mistake fails an up without a preview, which writes nothing", async () => {
    for (const mistake of samples) {
      program = withMistake(valid, mistake);
      expectError(await lab.stack.up(), mistake);
    }
    expect(await lab.twilio.writes()).toEqual([]);
  });
});
