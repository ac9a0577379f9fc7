import { Command } from "commander";
import type { SnapshotInfo } from "../../../emulator";
import type { ControlPlane } from "../../shared/control-plane";
import { print } from "../../shared/output";

interface SnapshotOptions {
  profile?: string;
  stack?: string;
  json?: true;
}

/** What an action did: as JSON, and as text. */
interface Done {
  readonly result: object;
  readonly text: string;
}

/** `twilio-conversations snapshot`: named states of the emulator. */
export function snapshotCommand(): Command {
  return new Command("snapshot")
    .description("Save and restore the whole state of the emulator by name: records, clock, credentials, media, counters and timers.")
    .addCommand(action("save", "Save the state. Replaces a snapshot with this name.", save))
    .addCommand(action("restore", "Replace the state by a saved one. Webhooks in flight are ended, and faults are removed.", restore))
    .addCommand(listCommand())
    .addCommand(action("delete", "Delete a snapshot.", remove));
}

function action(name: string, description: string, act: (control: ControlPlane, name: string) => Promise<Done>): Command {
  return withTarget(new Command(name).description(description), `${name} seeded`)
    .argument("<name>", "1 to 64 letters, digits, dots, hyphens and underscores")
    .action((snapshot: string, options: SnapshotOptions) => run(options, (control) => act(control, snapshot)));
}

function listCommand(): Command {
  return withTarget(new Command("list").description("List the snapshots."), "list").action((options: SnapshotOptions) =>
    run(options, list),
  );
}

const withTarget = (command: Command, example: string): Command =>
  command
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
Connected clients of the chat SDK show the restored state. With a state folder, snapshots survive a restart of the emulator.

Examples:
  $ twilio-conversations snapshot ${example}
  $ twilio-conversations snapshot ${example} --json`,
    );

async function run({ json, ...where }: SnapshotOptions, act: (control: ControlPlane) => Promise<Done>): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ openTarget }, { requireEmulator }] = await Promise.all([import("../../shared/target"), import("../../shared/control-plane")]);
  const target = await openTarget(where);
  try {
    const control = await requireEmulator(target.connection, "only the emulator has snapshots: Twilio cannot restore an account.");
    const { result, text } = await act(control);
    print(json ? `${JSON.stringify(result)}\n` : text);
  } finally {
    await target.close();
  }
}

async function save(control: ControlPlane, name: string): Promise<Done> {
  const result = await control.request<SnapshotInfo>("POST", "snapshots", { name });
  return { result, text: `saved ${name}\n` };
}

async function restore(control: ControlPlane, name: string): Promise<Done> {
  const result = await control.request<SnapshotInfo>("POST", `${pathOf(name)}/restore`);
  return { result, text: `restored ${name}, as it was saved at ${result.savedAt}\n` };
}

async function list(control: ControlPlane): Promise<Done> {
  const result = await control.request<{ snapshots: SnapshotInfo[] }>("GET", "snapshots");
  const lines = result.snapshots.map(({ name, savedAt }) => `${savedAt}  ${name}\n`);
  return { result, text: lines.length === 0 ? "no snapshots\n" : lines.join("") };
}

async function remove(control: ControlPlane, name: string): Promise<Done> {
  await control.request("DELETE", pathOf(name));
  return { result: { name }, text: `deleted ${name}\n` };
}

const pathOf = (name: string) => `snapshots/${encodeURIComponent(name)}`;
