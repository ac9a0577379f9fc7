import { Argument, Command } from "commander";

const shells = ["bash", "zsh", "fish"] as const;

interface CompletionOptions {
  json?: true;
}

/** `twilio-conversations completion`: prints a shell's completion script. */
export function completionCommand(): Command {
  return new Command("completion")
    .description("Print a shell script that completes commands and options.")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .option("--json", "print the script as one JSON object")
    .addHelpText(
      "after",
      `
Examples:
  $ source <(twilio-conversations completion bash)
  $ twilio-conversations completion zsh > "\${fpath[1]}/_twilio-conversations"
  $ twilio-conversations completion fish > ~/.config/fish/completions/twilio-conversations.fish`,
    )
    .action(print);
}

async function print(shell: (typeof shells)[number], { json }: CompletionOptions, command: Command): Promise<void> {
  // Loaded here, so that the other commands do not load it.
  const [{ bash, zsh }, { fish }, { treeOf }] = await Promise.all([import("./bash"), import("./fish"), import("./tree")]);
  const program = command.parent as Command;
  const script = { bash, zsh, fish }[shell](program.name(), treeOf(program));
  process.stdout.write(json ? `${JSON.stringify({ shell, script })}\n` : script);
}
