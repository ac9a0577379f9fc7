// The settings that differ between the stacks of the program, and the check of all of them at once.
import { getProject, getStack, type Input, RunError, runtime, secret } from "@pulumi/pulumi";
import { boolean, duration, e164, type Format, oneOf, text, url } from "./core/lifecycle/formats";
import { nearest } from "./core/lifecycle/spelling";
import { noCredentials } from "./core/twilio/credentials";
import { settingNames, settingProblems } from "./core/twilio/settings";

/** A setting of the program, `pulumi config set <name> <example>`. */
interface Setting {
  readonly format: Format;
  readonly example: string;
}

const flag: Setting = { format: (value) => (/^(true|false)$/.test(String(value)) ? undefined : boolean(value)), example: "true" };
const webhook: Setting = { format: url, example: "https://example.com/twilio" };

/** The program's settings; docs/stacks.md documents each of them. */
const settings = {
  namePrefix: { format: text({ min: 1, max: 32 }), example: "staging" },
  mobileNumber: { format: e164, example: "+1…" },
  protectNumbers: flag,
  numberOnDelete: { format: oneOf("retain", "release"), example: "retain" },
  smsUrl: webhook,
  smsFallbackUrl: webhook,
  voiceUrl: webhook,
  statusCallback: webhook,
  inactiveTimer: { format: duration({ minSeconds: 60 }), example: "PT1H" },
  closedTimer: { format: duration({ minSeconds: 600 }), example: "P7D" },
  forceDestroy: flag,
  verify: flag,
} satisfies Record<string, Setting>;

type Name = keyof typeof settings;

/** The configuration in the form that the program uses. */
export interface ProgramConfig {
  /** Adds the stack's prefix to a name, which distinguishes the stacks of one account: `staging Support`. */
  readonly named: (name: string) => string;
  /** The phone that takes part in the conversation. */
  readonly mobileNumber: string;
  /** The number's webhooks, and what `pulumi destroy` does with it. */
  readonly number: {
    readonly onDelete?: "retain" | "release";
    readonly smsUrl?: Input<string>;
    readonly smsFallbackUrl?: Input<string>;
    readonly voiceUrl?: Input<string>;
    readonly statusCallback?: Input<string>;
  };
  /** Whether the engine refuses to delete the number. */
  readonly protectNumbers: boolean;
  /** After which time the conversation becomes inactive and is closed. */
  readonly timers?: { readonly inactive?: string; readonly closed?: string };
  /** Whether the conversation may be deleted with its messages. */
  readonly forceDestroy: boolean;
  /** Whether the deployment tests the chat. */
  readonly verify: boolean;
}

/** Everything that determines the configuration. Tests replace it. */
export interface StackInputs {
  /** Every value by its full key, `twilio:backend`. */
  readonly config: Readonly<Record<string, string>>;
  readonly project: string;
  readonly stack: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The keys whose values are secrets. */
  readonly secrets?: readonly string[];
}

/** A problem with one key, and the arguments of the `pulumi config` commands that solve it. */
export interface ConfigProblem {
  readonly key: string;
  readonly reason: string;
  readonly commands: readonly string[];
}

/** The quickstart's fictional number, which only the emulator can reach. */
const fictionalNumber = "+15558675310";

/** The configuration of the running stack. Reports all problems at once, before the program declares a resource. */
export function readConfig(): ProgramConfig {
  const { env } = process;
  // The SDK returns secret values without saying that they are secret.
  const secrets = JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
  const inputs: StackInputs = { config: runtime.allConfig(), project: getProject(), stack: getStack(), env, secrets };
  const problems = configProblems(inputs);
  if (problems.length > 0) throw new RunError(describeProblems(inputs, problems));
  return programConfig(inputs);
}

/** The configuration with its defaults. Expects that {@link configProblems} has found nothing. */
export function programConfig({ config, project, secrets = [] }: StackInputs): ProgramConfig {
  const get = (name: Name) => config[`${project}:${name}`];
  const address = (name: Name): Input<string> | undefined => {
    const value = get(name);
    return value !== undefined && secrets.includes(`${project}:${name}`) ? secret(value) : value;
  };
  const prefix = get("namePrefix");
  const timers = defined({ inactive: get("inactiveTimer"), closed: get("closedTimer") });
  return {
    named: (name) => (prefix === undefined ? name : `${prefix} ${name}`),
    mobileNumber: get("mobileNumber") ?? fictionalNumber,
    number: defined({
      onDelete: get("numberOnDelete") as "retain" | "release" | undefined,
      smsUrl: address("smsUrl"),
      smsFallbackUrl: address("smsFallbackUrl"),
      voiceUrl: address("voiceUrl"),
      statusCallback: address("statusCallback"),
    }),
    protectNumbers: get("protectNumbers") === "true",
    ...(Object.keys(timers).length > 0 ? { timers } : {}),
    // By default, the messages of a demo are deleted with it.
    forceDestroy: get("forceDestroy") !== "false",
    verify: get("verify") === "true",
  };
}

/** All problems: unknown keys, invalid values, missing values and contradictions. */
export function configProblems(inputs: StackInputs): ConfigProblem[] {
  return [
    ...unknownKeys(inputs),
    ...invalidValues(inputs),
    ...connectionProblems(inputs),
    ...missingValues(inputs),
    ...contradictions(inputs),
  ];
}

/** The error for the user: each problem with its key, its reason and the commands that solve it. */
export function describeProblems({ stack }: StackInputs, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.flatMap(({ key, reason, commands }) => [
    `  ${key}: ${reason.replaceAll("\n", "\n      ")}`,
    ...commands.map((command) => `      pulumi config ${command} --stack ${stack}`),
  ]);
  return `${count} in the configuration of the stack ${stack}; nothing was created.\n${lines.join("\n")}`;
}

function unknownKeys({ config, project }: StackInputs): ConfigProblem[] {
  const known: Record<string, readonly string[]> = { [project]: Object.keys(settings), twilio: settingNames };
  const found: ConfigProblem[] = [];
  for (const key of Object.keys(config)) {
    const namespace = key.slice(0, key.indexOf(":"));
    const name = key.slice(namespace.length + 1);
    if (known[namespace]?.includes(name)) continue;
    const near = nearestKey(namespace, name, known);
    // Another namespace belongs to another provider, unless it looks like a typing error.
    if (near === undefined && known[namespace] === undefined) continue;
    const hint = near ? `did you mean ${near}?` : `the known keys are ${known[namespace]?.map((one) => `${namespace}:${one}`).join(", ")}`;
    found.push({ key, reason: `is not a known key; ${hint}`, commands: [`rm ${key}`, ...(near ? [`set ${near} …`] : [])] });
  }
  return found;
}

/** The key that was probably meant: the same name in the other namespace, otherwise a similar name. */
function nearestKey(namespace: string, name: string, known: Record<string, readonly string[]>): string | undefined {
  const spaces = Object.keys(known);
  const elsewhere = known[namespace] && spaces.find((space) => known[space]?.includes(name));
  const space = elsewhere ?? (known[namespace] ? namespace : nearest(namespace, spaces));
  const near = space && nearest(name, known[space] ?? []);
  return near && `${space}:${near}`;
}

function invalidValues({ config, project, secrets = [] }: StackInputs): ConfigProblem[] {
  const own = Object.entries<Setting>(settings).map(([name, setting]) => ({ key: `${project}:${name}`, name, ...setting }));
  return own.flatMap(({ key, name, format, example }) => {
    const value = config[key];
    const reason = value === undefined ? undefined : format(value);
    if (reason === undefined) return [];
    const isSecret = secrets.includes(key);
    return [
      {
        key,
        reason: isSecret ? reason.replace(JSON.stringify(value), "the secret value") : reason,
        commands: [`set ${isSecret ? "--secret " : ""}${name} ${example}`],
      },
    ];
  });
}

function connectionProblems({ config, env }: StackInputs): ConfigProblem[] {
  const examples: Record<string, string> = {
    "twilio:backend": "twilio",
    "twilio:maxConcurrency": "10",
    "twilio:callTimeout": "30",
    "twilio:previewLookups": "false",
    "twilio:region": "ie1",
    "twilio:edge": "dublin",
  };
  return settingProblems({ config: (key) => config[key], env }).map(({ key, reason }) => {
    // These reasons already list the commands.
    if (reason === noCredentials || key === "twilio:baseUrl") return { key, reason, commands: [] };
    if (key !== "twilio:accountSid") return { key, reason, commands: [`set ${key} ${examples[key] ?? "300"}`] };
    return { key, reason, commands: [`set ${key} AC…`, "set --secret twilio:authToken …"] };
  });
}

function missingValues({ config, project, env }: StackInputs): ConfigProblem[] {
  const isReal = (config["twilio:backend"] ?? "twilio") === "twilio" && !(config["twilio:baseUrl"] ?? env.TWILIO_BASE_URL);
  if (!isReal || config[`${project}:mobileNumber`] !== undefined) return [];
  const reason = `is missing: outside of the emulator it must be a phone that exists, and the default ${fictionalNumber} does not`;
  return [{ key: `${project}:mobileNumber`, reason, commands: [`set mobileNumber ${settings.mobileNumber.example}`] }];
}

function contradictions({ config, project }: StackInputs): ConfigProblem[] {
  const own = (name: Name) => config[`${project}:${name}`];
  const found: ConfigProblem[] = [];
  const add = (key: string, reason: string, ...commands: string[]) => found.push({ key, reason, commands });
  if (own("protectNumbers") === "true" && own("numberOnDelete") === "release") {
    const reason = "must not be release while protectNumbers is true, which forbids deleting the number";
    add(`${project}:numberOnDelete`, reason, "set numberOnDelete retain");
  }
  if (own("smsFallbackUrl") !== undefined && own("smsUrl") === undefined) {
    add(`${project}:smsFallbackUrl`, "requires smsUrl, because Twilio calls it only if smsUrl fails", `set smsUrl ${webhook.example}`);
  }
  if (config["twilio:profile"] !== undefined && config["twilio:accountSid"] !== undefined) {
    add("twilio:profile", "has no effect together with twilio:accountSid, which takes precedence", "rm twilio:profile");
  }
  if (config["twilio:backend"] === "emulator") {
    for (const key of ["twilio:baseUrl", "twilio:region", "twilio:edge", "twilio:profile"].filter((name) => config[name] !== undefined)) {
      add(key, "has no effect while twilio:backend is emulator", `rm ${key}`);
    }
  } else if (config["twilio:stateDir"] !== undefined) {
    add("twilio:stateDir", "has no effect unless twilio:backend is emulator", "rm twilio:stateDir");
  }
  return found;
}

/** Removes undefined values. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
