import type { Command, Option } from "commander";

/** What may follow a command, as the shells' scripts need it. */
export interface Completed {
  /** The words of the command: `""` is the program itself, `"ci comment"` a subcommand. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** The values of its arguments, where there is a fixed set. */
  readonly words: readonly string[];
  readonly options: readonly CompletedOption[];
}

export interface CompletedOption {
  /** `--format`, and the short form, such as `-h`, if there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Its value: one of these words, a file, or anything. Unset for an option without a value. */
  readonly value?: readonly string[] | "file" | "any";
}

/** Every command with its arguments and options, including the global options. Leaves out hidden ones. */
export function treeOf(program: Command): Completed[] {
  const entriesOf = (command: Command, path: string): Completed[] => {
    const help = command.createHelp();
    const inherited = ancestorsOf(command).flatMap((ancestor) => help.visibleOptions(ancestor).filter(isGlobal));
    const options = [...help.visibleOptions(command), ...inherited];
    const commands = help.visibleCommands(command).filter((child) => child.name() !== "help");
    return [
      {
        path,
        commands: commands.map((child) => ({ name: child.name(), description: firstSentence(child.description()) })),
        words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
        options: options.map(completed),
      },
      ...commands.flatMap((child) => entriesOf(child, `${path} ${child.name()}`.trim())),
    ];
  };
  return entriesOf(program, "");
}

const ancestorsOf = ({ parent }: Command): Command[] => (parent ? [parent, ...ancestorsOf(parent)] : []);

/** Each command has its own `--help`, and only the program has `--version`. */
const isGlobal = ({ long }: Option): boolean => long !== "--help" && long !== "--version";

function completed({ long, short, flags, description, argChoices, required, optional }: Option): CompletedOption {
  const names = [long, short].filter((name) => name != null);
  const value = argChoices ?? (/<(file|folder|dir)\b/.test(flags) ? "file" : "any");
  return { flags: names, description: firstSentence(description), ...(required || optional ? { value } : {}) };
}

const firstSentence = (text: string): string => text.split(/[.;:(]/, 1)[0]?.trim() ?? "";
