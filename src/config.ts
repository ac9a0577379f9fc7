// What may differ from one stack of the program to the next, and the check of all of it at once.
import { getProject, getStack, type Input, RunError, runtime, secret } from "@pulumi/pulumi";
import { boolean, duration, e164, type Format, oneOf, text, url } from "./core/lifecycle/formats";
import { nearest } from "./core/lifecycle/spelling";
import { settingNames, settingProblems } from "./core/twilio/connection";

/** A setting of the program, `pulumi config set <name> <example>`. */
interface Setting {
  readonly format: Format;
  readonly example: string;
}

const truth: Setting = { format: (value) => (/^(true|false)$/.test(String(value)) ? undefined : boolean(value)), example: "true" };
const webhook: Setting = { format: url, example: "https://example.com/twilio" };

/** The program's settings; docs/stacks.md says what each means. */
const settings = {
  namePrefix: { format: text({ min: 1, max: 32 }), example: "staging" },
  mobileNumber: { format: e164, example: "+1…" },
  protectNumbers: truth,
  numberOnDelete: { format: oneOf("retain", "release"), example: "retain" },
  smsUrl: webhook,
  smsFallbackUrl: webhook,
  voiceUrl: webhook,
  statusCallback: webhook,
  inactiveTimer: { format: duration({ minSeconds: 60 }), example: "PT1H" },
  closedTimer: { format: duration({ minSeconds: 600 }), example: "P7D" },
  forceDestroy: truth,
  verify: truth,
} satisfies Record<string, Setting>;

type Name = keyof typeof settings;

/** The program's configuration as it uses it. */
export interface ProgramConfig {
  /** A name with the environment's prefix, so that people tell stacks of one account apart: `staging Support`. */
  readonly named: (name: string) => string;
  /** The phone that texts. */
  readonly mobileNumber: string;
  /** What the number does with texts and calls, and what becomes of it when the stack goes. */
  readonly number: {
    readonly onDelete?: "retain" | "release";
    readonly smsUrl?: Input<string>;
    readonly smsFallbackUrl?: Input<string>;
    readonly voiceUrl?: Input<string>;
    readonly statusCallback?: Input<string>;
  };
  /** Whether the engine refuses to delete the number. */
  readonly protectNumbers: boolean;
  /** When the conversation becomes inactive and closed by itself. */
  readonly timers?: { readonly inactive?: string; readonly closed?: string };
  /** Whether the conversation may go with its messages. */
  readonly forceDestroy: boolean;
  /** Whether the deployment tries the chat. */
  readonly verify: boolean;
}

/** A stack's configuration and what is around it, so that a test can stand in for it. */
export interface StackInputs {
  /** Every value by its whole key, `twilio:backend`. */
  readonly config: Readonly<Record<string, string>>;
  readonly project: string;
  readonly stack: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The keys whose values are secrets. */
  readonly secrets?: readonly string[];
}

/** Something wrong with one key, and the commands that mend it. */
export interface ConfigProblem {
  readonly key: string;
  readonly reason: string;
  readonly cure: readonly string[];
}

/** The quickstart's phone: nobody has it, so it is good for the local Twilio only. */
const NOBODY = "+15558675310";

/** The configuration of the running stack. What is wrong with it ends the program before it has made anything, and is told all at once. */
export function readConfig(): ProgramConfig {
  const { env } = process;
  // The SDK hands out secret values, and does not tell which they are.
  const secrets = JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
  const given: StackInputs = { config: runtime.allConfig(), project: getProject(), stack: getStack(), env, secrets };
  const problems = configProblems(given);
  if (problems.length > 0) throw new RunError(describeProblems(given, problems));
  return programConfig(given);
}

/** The configuration with its defaults; it has been checked. */
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
    mobileNumber: get("mobileNumber") ?? NOBODY,
    number: defined({
      onDelete: get("numberOnDelete") as "retain" | "release" | undefined,
      smsUrl: address("smsUrl"),
      smsFallbackUrl: address("smsFallbackUrl"),
      voiceUrl: address("voiceUrl"),
      statusCallback: address("statusCallback"),
    }),
    protectNumbers: get("protectNumbers") === "true",
    ...(Object.keys(timers).length > 0 ? { timers } : {}),
    // What is said in a demo may go with it.
    forceDestroy: get("forceDestroy") !== "false",
    verify: get("verify") === "true",
  };
}

/** Everything that is wrong: keys that nothing reads, values of the wrong kind, what is missing and what contradicts something else. */
export function configProblems(given: StackInputs): ConfigProblem[] {
  return [...unknownKeys(given), ...wrongValues(given), ...connectionProblems(given), ...missing(given), ...contradictions(given)];
}

/** The problems in words, each with its key, what is wrong and the commands that mend it. */
export function describeProblems({ stack }: StackInputs, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.flatMap(({ key, reason, cure }) => [
    `  ${key}: ${reason.replaceAll("\n", "\n      ")}`,
    ...cure.map((command) => `      pulumi config ${command} --stack ${stack}`),
  ]);
  return `${count} in the configuration of the stack ${stack}; nothing was made.\n${lines.join("\n")}`;
}

function unknownKeys({ config, project }: StackInputs): ConfigProblem[] {
  const known: Record<string, readonly string[]> = { [project]: Object.keys(settings), twilio: settingNames };
  const found: ConfigProblem[] = [];
  for (const key of Object.keys(config)) {
    const namespace = key.slice(0, key.indexOf(":"));
    const name = key.slice(namespace.length + 1);
    if (known[namespace]?.includes(name)) continue;
    const near = nearestKey(namespace, name, known);
    // Other namespaces belong to other providers, unless it is a slip of the pen.
    if (near === undefined && known[namespace] === undefined) continue;
    const hint = near ? `did you mean ${near}?` : `there are ${known[namespace]?.map((one) => `${namespace}:${one}`).join(", ")}`;
    found.push({ key, reason: `nothing reads it; ${hint}`, cure: [`rm ${key}`, ...(near ? [`set ${near} …`] : [])] });
  }
  return found;
}

/** The key that was meant: the same name in the other namespace, else a name like it. */
function nearestKey(namespace: string, name: string, known: Record<string, readonly string[]>): string | undefined {
  const spaces = Object.keys(known);
  const elsewhere = known[namespace] && spaces.find((space) => known[space]?.includes(name));
  const space = elsewhere ?? (known[namespace] ? namespace : nearest(namespace, spaces));
  const near = space && nearest(name, known[space] ?? []);
  return near && `${space}:${near}`;
}

function wrongValues({ config, project, secrets = [] }: StackInputs): ConfigProblem[] {
  const own = Object.entries<Setting>(settings).map(([name, setting]) => ({ key: `${project}:${name}`, name, ...setting }));
  const all = [...own, { key: "twilio:baseUrl", name: "twilio:baseUrl", format: url, example: "http://127.0.0.1:4010" }];
  return all.flatMap(({ key, name, format, example }) => {
    const value = config[key];
    const reason = value === undefined ? undefined : format(value);
    if (reason === undefined) return [];
    const isSecret = secrets.includes(key);
    return [
      {
        key,
        reason: isSecret ? reason.replace(JSON.stringify(value), "the secret value") : reason,
        cure: [`set ${isSecret ? "--secret " : ""}${name} ${example}`],
      },
    ];
  });
}

function connectionProblems({ config, env }: StackInputs): ConfigProblem[] {
  const examples: Record<string, string> = { "twilio:backend": "twilio", "twilio:maxConcurrency": "10", "twilio:callTimeout": "30" };
  return settingProblems({ config: (key) => config[key], env }).map(({ key, reason: told }) => {
    const reason = told.replace(`${key} is `, "");
    if (key !== "twilio:accountSid") return { key, reason, cure: [`set ${key} ${examples[key] ?? "300"}`] };
    // Where there are no credentials at all, the reason lists the ways to give them.
    return { key, reason, cure: reason.includes("\n") ? [] : [`set ${key} AC…`, "set --secret twilio:authToken …"] };
  });
}

function missing({ config, project, env }: StackInputs): ConfigProblem[] {
  const isReal = (config["twilio:backend"] ?? "twilio") === "twilio" && !(config["twilio:baseUrl"] ?? env.TWILIO_BASE_URL);
  if (!isReal || config[`${project}:mobileNumber`] !== undefined) return [];
  const reason = `is missing: at the real Twilio it takes a phone that exists, and ${NOBODY} is nobody's`;
  return [{ key: `${project}:mobileNumber`, reason, cure: [`set mobileNumber ${settings.mobileNumber.example}`] }];
}

function contradictions({ config, project }: StackInputs): ConfigProblem[] {
  const own = (name: Name) => config[`${project}:${name}`];
  const found: ConfigProblem[] = [];
  const add = (key: string, reason: string, ...cure: string[]) => found.push({ key, reason, cure });
  if (own("protectNumbers") === "true" && own("numberOnDelete") === "release") {
    const reason = "says release, and protectNumbers says that the number is never deleted: one of the two is meant";
    add(`${project}:numberOnDelete`, reason, "set numberOnDelete retain");
  }
  if (own("smsFallbackUrl") !== undefined && own("smsUrl") === undefined) {
    add(`${project}:smsFallbackUrl`, "is called when smsUrl fails, and there is no smsUrl", `set smsUrl ${webhook.example}`);
  }
  if (config["twilio:profile"] !== undefined && config["twilio:accountSid"] !== undefined) {
    add("twilio:profile", "does not count beside twilio:accountSid, whose credentials are taken", "rm twilio:profile");
  }
  if (config["twilio:backend"] === "emulator") {
    for (const key of ["twilio:baseUrl", "twilio:region", "twilio:edge", "twilio:profile"].filter((name) => config[name] !== undefined)) {
      add(key, "is for the real Twilio, and twilio:backend is emulator", `rm ${key}`);
    }
  } else if (config["twilio:stateDir"] !== undefined) {
    add("twilio:stateDir", "is for the embedded Twilio, and twilio:backend is not emulator", "rm twilio:stateDir");
  }
  return found;
}

/** Without what is not given: an argument that is `undefined` reads as one that is given, to people and in tests. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
