import * as pulumi from "@pulumi/pulumi";
import { findProblems } from "../lifecycle/check";
import type { Definition, Field } from "../lifecycle/definition";
import type { Props } from "../lifecycle/props";
import { textsOf } from "../lifecycle/secrets";
import { operation } from "../process/operation";
import { isOpaque } from "../registration/inspect";
import { programError } from "../registration/program-error";
import { withParent } from "../registration/resource";
import { resourceInputs } from "../registration/resource-inputs";
import { UsageError } from "../twilio/errors";
import type { Session } from "./session";
import { accountOf } from "./session";
import type { Settings } from "./settings";
import { settingsFor } from "./settings";
import type { LookUpOptions, LookUpOutputOptions } from "./types";

/** What a look-up asks Twilio. */
export interface Question {
  /** The function in the program, `getConversation`; that of outputs is called `getConversationOutput`. */
  readonly name: string;
  /** The arguments by their dotted names. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The kind whose parent the arguments name. */
  readonly definition?: Definition;
  /** Throws where Twilio has no single answer. */
  answer(args: Props, session: Session): Promise<unknown>;
}

/** Asks with plain values. */
export async function ask<Result>(question: Question, args: object, options: LookUpOptions = {}): Promise<Result> {
  const { name } = question;
  const later = Object.entries(args).find(([, value]) => hasLater(value))?.[0];
  if (later !== undefined) {
    throw programError(
      `${name}: \`${later}\` must be a plain value; received a value that is known later. Use ${name}Output, which waits for it.`,
    );
  }
  const settings = settingsFor(options) as unknown as Known<Settings>;
  if (!(await settings.isKnown)) {
    throw programError(
      `${name}: the settings of the provider must be known; a resource of this program has yet to give them. Use ${name}Output, which waits for them.`,
    );
  }
  return (await answerTo(question, args as Props, await settings.promise(), [])) as Result;
}

/** Asks as soon as the arguments are known. In a preview in which they are not, neither is the result. */
export function askOutput<Result>(question: Question, args: object, options: LookUpOutputOptions = {}): pulumi.Output<Result> {
  const { name, definition } = question;
  const given = definition ? resourceInputs(definition, `${name}Output`, withParent(definition, args as Props)) : (args as Props);
  const before = [options.dependsOn ?? []].flat().map(({ urn }) => urn);
  const inputs = pulumi.all([given, settingsFor(options), before]) as unknown as pulumi.Output<[Props, Settings]>;
  return inputs.apply(async ([known, settings]): Promise<Result> => {
    // The values may be known before the objects exist that Twilio is asked for.
    if (!(await exist(await (inputs as unknown as Known<unknown>).allResources()))) return pulumi.unknown as Result;
    const areSecret = await Promise.all(Object.keys(known).map(async (key) => pulumi.isSecret(pulumi.output(given[key]))));
    const secrets = Object.values(known).flatMap((one, index) => (areSecret[index] ? textsOf(one) : []));
    return (await answerTo(question, known, settings, secrets)) as Result;
  });
}

// The SDK's types hide these.
interface Known<T> {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<T>;
  allResources(): Promise<Set<pulumi.Resource>>;
}

function hasLater(value: unknown): boolean {
  if (isOpaque(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasLater);
}

/** Whether all resources have an object, which in a preview not all have. */
async function exist(resources: Iterable<pulumi.Resource>): Promise<boolean> {
  const custom = [...resources].filter((one): one is pulumi.CustomResource => pulumi.CustomResource.isInstance(one));
  const known = await Promise.all(custom.map(({ id }) => (id as unknown as Known<string>).isKnown));
  return known.every(Boolean);
}

async function answerTo(question: Question, args: Props, settings: Settings, secrets: readonly string[]): Promise<unknown> {
  const account = accountOf(settings);
  account.secrets.add(secrets);
  try {
    check(question, args);
    return await account.use((session) => operation(() => question.answer(args, session)));
  } catch (error) {
    throw programError(account.redact(`${question.name}: ${(error as Error).message}`));
  }
}

function check({ name, fields }: Question, args: Props): void {
  // Arguments are checked as those of a resource that has only these properties.
  const problems = findProblems({ type: name, fields } as Definition, args, {});
  if (problems.length > 0) throw new UsageError(problems.map(({ property, reason }) => `\`${property}\` ${reason}`).join("; "));
}
