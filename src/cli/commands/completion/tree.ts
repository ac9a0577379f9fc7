import type { Command, Option } from "commander";

/** What may stand after a command, as the shells' scripts need it. */
export interface Completed {
  /** The words that lead to it: `""` is the program itself, `"ci comment"` a command of a command. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** What its arguments may be, where that is one of a few words. */
  readonly words: readonly string[];
  readonly options: readonly CompletedOption[];
}

export interface CompletedOption {
  /** `--format`, and `-h` where there is a short one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What its value is: one of these words, a file, or something that nobody can guess. Unset where it takes none. */
  readonly value?: readonly string[] | "file" | "any";
}

/** Every command with what it takes, the program's own options included. Hidden ones are left out. */
export function treeOf(program: Command): Completed[] {
  const of = (command: Command, path: string): Completed[] => {
    const help = command.createHelp();
    const options = [...help.visibleOptions(command), ...(command.parent ? help.visibleOptions(program).filter(isGlobal) : [])];
    const commands = help.visibleCommands(command).filter((child) => child.name() !== "help");
    return [
      {
        path,
        commands: commands.map((child) => ({ name: child.name(), description: firstSentence(child.description()) })),
        words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
        options: options.map(completed),
      },
      ...commands.flatMap((child) => of(child, `${path} ${child.name()}`.trim())),
    ];
  };
  return of(program, "");
}

/** `--help` is each command's own, `--version` the program's alone. */
const isGlobal = ({ long }: Option): boolean => long !== "--help" && long !== "--version";

function completed({ long, short, flags, description, argChoices, required, optional }: Option): CompletedOption {
  const names = [long, short].filter((name) => name != null);
  const value = argChoices ?? (/<(file|folder|dir)\b/.test(flags) ? "file" : "any");
  return { flags: names, description: firstSentence(description), ...(required || optional ? { value } : {}) };
}

const firstSentence = (text: string): string => text.split(/[.;:(]/, 1)[0]?.trim() ?? "";
