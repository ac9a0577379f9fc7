import type { Completed } from "./tree";

/** The script for fish, with descriptions. */
export function fish(program: string, tree: readonly Completed[]): string {
  const lines = tree.flatMap(({ path, commands, words, options }) => {
    const here = condition(
      path,
      commands.map(({ name }) => name),
    );
    return [
      ...words.map((word) => `complete -c ${program} -f -n ${here} -a ${word}`),
      ...commands.map(({ name, description }) => `complete -c ${program} -f -n ${here} -a ${name} -d ${quoted(description)}`),
      ...options.map(({ flags, description, value }) => {
        const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(" ");
        const argument =
          value === undefined ? "" : value === "file" ? " -rF" : value === "any" ? " -x" : ` -x -a ${quoted(value.join(" "))}`;
        return `complete -c ${program} -f -n ${here} ${names}${argument} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# ${program} completion for fish: save it as ~/.config/fish/completions/${program}.fish\n${lines.join("\n")}\n`;
}

/** A condition on the words before: they end at this command. */
function condition(path: string, further: readonly string[]): string {
  const seen = path === "" ? [] : path.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
  const parts = [...seen, ...(further.length > 0 ? [`not __fish_seen_subcommand_from ${further.join(" ")}`] : [])];
  return quoted(parts.join("; and ") || "true");
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
