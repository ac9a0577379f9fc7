import { Command, InvalidArgumentError, Option } from "commander";
import type { Connection } from "../../../core/twilio/connection";
import { exitCodes } from "../../shared/exit-codes";
import { note, print } from "../../shared/output";
import type { Fact } from "./fact";
import type { Consent } from "./run";

interface ConformanceOptions {
  target: "emulator" | "account";
  configured?: true;
  filter: string[];
  allowWrites?: true;
  allowPurchases?: true;
  costLimit?: number;
  confirmAccount?: string;
  output?: string;
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations conformance`: tests facts about Twilio's API against the emulator or an account. */
export function conformanceCommand(): Command {
  return new Command("conformance")
    .description(
      "Test facts about Twilio's API against the emulator, or against a test account at Twilio. Only reads, unless allowed more.",
    )
    .addOption(new Option("--target <target>", "where to test").choices(["emulator", "account"]).makeOptionMandatory())
    .option("--configured", "with --target emulator: the configured emulator instead of a new one in memory")
    .option(
      "--filter <text>",
      "only facts whose id begins with this text, such as an area; may be repeated",
      (text, before: string[]) => [...before, text],
      [],
    )
    .option("--allow-writes", "also create objects that cost nothing, and delete them")
    .option("--allow-purchases", "also buy phone numbers, and release them; requires --cost-limit, and includes --allow-writes")
    .option("--cost-limit <amount>", "the most that numbers may cost, in the account's currency", amount)
    .option("--confirm-account <account>", "the SID of the account, AC…; required if it does not look like a test account")
    .option("--output <file>", "write the evidence to this file, as JSON")
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "the stack whose Twilio credentials to use (default: the selected stack)")
    .option("--json", "print the evidence as one JSON object instead of the table")
    .addHelpText(
      "after",
      `
A new emulator costs nothing and ends with the run, so everything is allowed there. Exits with 0 if no fact is refuted and nothing remains.

Examples:
  $ twilio-conversations conformance --target emulator
  $ twilio-conversations conformance --target account --profile test --output evidence.json
  $ twilio-conversations conformance --target account --allow-purchases --cost-limit 3 --filter bought`,
    )
    .action(run);
}

async function run(options: ConformanceOptions): Promise<void> {
  const { target, output, json } = options;
  // Loaded here, so that --help and usage errors are fast.
  const { UsageError } = await import("../../../core/twilio/errors");
  if (options.configured && target === "account")
    throw new UsageError("--configured is for --target emulator; an account is always the configured one.");
  if (options.allowPurchases !== (options.costLimit === undefined ? undefined : true)) {
    throw new UsageError("--allow-purchases and --cost-limit must be given together, as in --allow-purchases --cost-limit 3.");
  }
  const facts = await selected(options.filter);
  const place = await openPlace(options);
  const interrupted = new AbortController();
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, stop);
    note("note: stopping; what this run created is deleted first. A second Ctrl-C leaves it there");
    interrupted.abort();
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    const began = new Date();
    const { found, because } = await testAt(place, facts, { options, interrupted: interrupted.signal });
    const circumstances = {
      target,
      ...place,
      ...(because === undefined ? {} : { because }),
      began,
      interrupted: interrupted.signal.aborted,
    };
    const [{ countsOf, evidenceOf }, { reportOf }] = await Promise.all([import("./evidence"), import("./report")]);
    const evidence = `${evidenceOf(found, circumstances)}\n`;
    // First, because the file may not be writable.
    print(json ? evidence : reportOf(found, circumstances));
    if (output !== undefined) (await import("../../../process/atomic-write")).writeAtomically(output, evidence);
    const { confirmed, refuted } = countsOf(found);
    const isDone = refuted === 0 && confirmed > 0 && found.left.length === 0 && !interrupted.signal.aborted;
    process.exitCode = isDone ? exitCodes.done : exitCodes.error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    await place.close();
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Where a run tests, and what it may do there. */
interface Place {
  readonly connection: Connection;
  readonly consent: Consent;
  readonly isEmulator: boolean;
  close(): Promise<void>;
}

async function openPlace(options: ConformanceOptions): Promise<Place> {
  const { target, configured, allowWrites, costLimit, profile, stack } = options;
  const [{ openTarget }, { requireEmulator }] = await Promise.all([import("../../shared/target"), import("../../shared/control-plane")]);
  if (target === "emulator" && !configured) return openOwn();
  const opened = await openTarget({ ...(profile === undefined ? {} : { profile }), ...(stack === undefined ? {} : { stack }) });
  if (target === "emulator") await requireEmulator(opened.connection, "--target emulator --configured tests the configured emulator.");
  const consent = { writes: allowWrites === true || costLimit !== undefined, ...(costLimit === undefined ? {} : { costLimit }) };
  return { connection: opened.connection, consent, isEmulator: target === "emulator", close: () => opened.close() };
}

/** An emulator in memory, for this run only. */
async function openOwn(): Promise<Place> {
  const [{ startEmulator }, { connect }] = await Promise.all([import("../../../emulator"), import("../../../core/twilio/connection")]);
  const emulator = await startEmulator();
  const config: Record<string, string> = {
    "twilio:accountSid": emulator.accountSid,
    "twilio:authToken": emulator.authToken,
    "twilio:baseUrl": emulator.url,
  };
  const openEmbedded = () => Promise.resolve(emulator);
  const connection = await connect({ config: (key) => config[key], env: {}, cwd: process.cwd(), openEmbedded });
  return { connection, consent: { writes: true, costLimit: Number.POSITIVE_INFINITY }, isEmulator: true, close: () => emulator.close() };
}

/** Tests the facts, where the account is one for tests. */
async function testAt(
  { connection, consent, isEmulator }: Place,
  facts: readonly Fact[],
  { options, interrupted }: { options: ConformanceOptions; interrupted: AbortSignal },
) {
  const [{ openRest }, { testFacts }, { confirmTestAccount }, { monthlyPrice }, { openTwilio }, { openProgress }] = await Promise.all([
    import("./rest"),
    import("./run"),
    import("./account"),
    import("../../../numbers/number-search"),
    import("../../../core/twilio/transport"),
    import("../../shared/progress"),
  ]);
  const send = openRest(connection);
  const because = isEmulator ? undefined : await confirmTestAccount(send, connection.accountSid, options.confirmAccount);
  const twilio = openTwilio(connection);
  const progress = openProgress({ quiet: options.json === true });
  progress.stage("facts", facts.length);
  const priceOf = (country: string, type: string) => monthlyPrice(twilio, country, type);
  const found = await testFacts({ facts, send, consent, priceOf, interrupted, onTested: () => progress.step() }).finally(() =>
    progress.end(),
  );
  return { found, because };
}

/** The facts whose ids begin with one of these texts. */
async function selected(filter: readonly string[]): Promise<readonly Fact[]> {
  const { facts } = await import("./facts");
  const found = filter.length === 0 ? facts : facts.filter(({ id }) => filter.some((text) => id.startsWith(text)));
  if (found.length > 0) return found;
  const { UsageError } = await import("../../../core/twilio/errors");
  const areas = [...new Set(facts.map(({ id }) => id.split(".")[0]))].join(", ");
  throw new UsageError(`no id of a fact begins with ${filter.map((text) => JSON.stringify(text)).join(" or ")}. Areas: ${areas}.`);
}

function amount(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number > 0) return number;
  throw new InvalidArgumentError("It must be an amount above 0, such as 3 or 2.50.");
}
