import { nearest } from "../../../core/lifecycle/spelling";
import { settingNames, settingProblems } from "../../../core/twilio/settings";
import { fail, ok, type Result, warn } from "./finding";

const NAMESPACE = "twilio";

/** Whether each key under `twilio:` is one that the provider reads, with a value that it accepts. Credentials are checked on their own. */
export function configuration(config: Readonly<Record<string, string>>): Result {
  const problems = settingProblems({ config: (key) => config[key], env: {} }).filter(({ key }) => key !== "twilio:accountSid");
  const invalid = problems[0];
  if (invalid)
    return fail(
      problems.map(({ key, reason }) => `${key} ${reason}`).join("; "),
      `pulumi config set ${invalid.key} …, or pulumi config rm ${invalid.key}`,
    );
  const keys = Object.keys(config);
  const unknown = keys.flatMap((key) => misspelt(key) ?? []);
  const first = unknown[0];
  if (first) {
    const names = unknown.map(({ key, meant }) => `${key}${meant === undefined ? "" : ` (did you mean ${meant}?)`}`).join(", ");
    const correct = first.meant === undefined ? "" : `; pulumi config set ${first.meant} …`;
    return warn(
      `the provider does not read ${names}`,
      `pulumi config rm ${first.key}${correct}. The keys are ${settingNames.map((name) => `${NAMESPACE}:${name}`).join(", ")}`,
    );
  }
  const known = keys.filter((key) => key.startsWith(`${NAMESPACE}:`));
  return ok(known.length === 0 ? "the stack has no key under twilio:" : known.join(", "));
}

/** A key that the provider does not read, although its name or its namespace looks like one that it does. */
function misspelt(key: string): { readonly key: string; readonly meant?: string } | undefined {
  const [namespace = "", ...rest] = key.split(":");
  const name = rest.join(":");
  const isOurs = namespace === NAMESPACE;
  if (isOurs && settingNames.includes(name)) return undefined;
  // Other namespaces belong to programs and other providers.
  if (!isOurs && (nearest(namespace, [NAMESPACE]) === undefined || !settingNames.includes(name))) return undefined;
  const meant = nearest(name, settingNames);
  return { key, ...(meant === undefined ? {} : { meant: `${NAMESPACE}:${meant}` }) };
}
