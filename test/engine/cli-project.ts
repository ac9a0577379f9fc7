import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { writeStack } from "../../tools/harness/new-stack.mts";
import { engineEnv, type StateResource, startCli } from "../support/engine";
import type { EmulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");

/** A folder for projects, in which they find this package. */
export async function openWorkspace(): Promise<{ readonly folder: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-projects-"));
  await mkdir(join(folder, "node_modules"));
  for (const name of ["@pulumi", "twilio"]) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  await symlink(root, join(folder, "node_modules", "pulumi-twilio-conversations"));
  return { folder, close: () => rm(folder, { recursive: true, force: true }) };
}

/** A project with stacks in one backend, run by the real CLI: an inline program would run with this process's environment. */
export interface Project {
  /** What the next operation runs; `twilio` and `stack` are known to it. */
  program(text: string): Promise<void>;
  /** Runs the CLI and expects that it succeeds. Returns what it printed. */
  pulumi(stack: string, ...args: string[]): Promise<string>;
  up(stack: string, ...args: string[]): Promise<string>;
  destroy(stack: string, ...args: string[]): Promise<string>;
  /** The ids in a stack's state, by the names of the resources. */
  ids(stack: string): Promise<Record<string, string>>;
  urn(stack: string, name: string): Promise<string>;
}

/** Where a project is, and which account it uses. */
interface Place {
  readonly folder: string;
  readonly backend: string;
  readonly stacks: readonly string[];
  readonly twilio: Pick<EmulatorClient, "url" | "accountSid" | "authToken">;
  readonly env?: Readonly<Record<string, string>>;
}

/** Creates stacks. Two projects of one name are one program with two backends. */
export async function openProject(name: string, { folder, backend, stacks, twilio, env: more = {} }: Place): Promise<Project> {
  const cwd = join(folder, name);
  const state = join(folder, backend);
  await mkdir(cwd, { recursive: true });
  await mkdir(state, { recursive: true });
  await writeFile(join(cwd, "Pulumi.yaml"), `name: ${name}\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n`);
  await writeFile(join(cwd, "package.json"), JSON.stringify({ name, private: true }));
  const login = { TWILIO_ACCOUNT_SID: twilio.accountSid, TWILIO_AUTH_TOKEN: twilio.authToken, TWILIO_BASE_URL: twilio.url };
  const env = { ...engineEnv(state), ...login, ...more };
  const run = (stack: string, command: string, ...args: string[]) =>
    startCli([...command.split(" "), ...args, ...(stack ? ["--stack", stack] : [])], { cwd, env }).ended;
  const pulumi = async (stack: string, command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await run(stack, command, ...args);
    expect(code, stdout + stderr).toBe(0);
    return stdout + stderr;
  };
  const resources = async (stack: string) => {
    const text = await readFile(join(state, ".pulumi", "stacks", name, `${stack}.json`), "utf8");
    const all = (JSON.parse(text).checkpoint.latest.resources ?? []) as StateResource[];
    return all.filter(({ type }) => type.startsWith("pulumi-nodejs:"));
  };
  for (const stack of stacks) await writeStack({ backend: state, folder: cwd, project: name, name: stack });
  const last = (urn: string) => urn.split("::").at(-1) as string;
  return {
    program: (text) =>
      writeFile(
        join(cwd, "index.js"),
        `const twilio = require("pulumi-twilio-conversations");\nconst stack = require("@pulumi/pulumi").getStack();\n${text}\n`,
      ),
    pulumi,
    up: (stack, ...args) => pulumi(stack, "up", "--yes", "--skip-preview", ...args),
    destroy: (stack, ...args) => pulumi(stack, "destroy", "--yes", "--skip-preview", ...args),
    ids: async (stack) => Object.fromEntries((await resources(stack)).map(({ urn, id }) => [last(urn), id])),
    urn: async (stack, wanted) => (await resources(stack)).find(({ urn }) => last(urn) === wanted)?.urn as string,
  };
}

/** The numbers, the conversations of the default service, and their participants in an account. */
export async function contentsOf({ client }: EmulatorClient) {
  const numbers = await client.incomingPhoneNumbers.list();
  const { conversations } = client.conversations.v1;
  const rooms = await conversations.list();
  const people = (await Promise.all(rooms.map(({ sid }) => conversations(sid).participants.list()))).flat();
  return {
    numbers: Object.fromEntries(numbers.map(({ sid, friendlyName }) => [sid, friendlyName])),
    rooms: rooms.map(({ sid, friendlyName }) => `${sid} ${friendlyName}`).sort(),
    people: people.map(({ sid, identity }) => `${sid} ${identity}`).sort(),
  };
}

/** A program's number by search. */
export const number = (name: string, more = ""): string =>
  `new twilio.PhoneNumber("${name}", { search: { country: "US", smsEnabled: true }, onDelete: "release" }${more});`;
/** The option that says what a resource was called. */
export const alias = (former: string): string => `, { aliases: [{ name: "${former}" }] }`;
