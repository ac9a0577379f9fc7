import type { Completed, CompletedOption } from "./tree";

const FUNCTION = "_twilio_conversations";

/** The script for bash 3.2 and later. */
export function bash(program: string, tree: readonly Completed[]): string {
  const paths = tree.filter(({ path }) => path !== "");
  const parents = paths.map(({ path }) => {
    const words = path.split(" ");
    return `"${words.slice(0, -1).join(" ")}/${words.at(-1)}"`;
  });
  const valued = tree.flatMap(({ path, options }) => options.flatMap((option) => valueCase(path, option)));
  const offered = tree.map(({ path, commands, words, options }) => {
    const all = [...words, ...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)];
    return `    "${path}") words="${all.join("\n")}" ;;`;
  });
  return `# ${program} completion for bash: source it, or save it as ${program} in ~/.local/share/bash-completion/completions
${FUNCTION}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command="" words="" i IFS=$'\\n'
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command/\${COMP_WORDS[i]}" in
    ${parents.join(" | ")}) command="\${command:+$command }\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$command/$previous" in
${valued.join("\n")}
  esac
  case "$command" in
${offered.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F ${FUNCTION} ${program}
# \`npx ${program}\` too, unless npx has a completion of its own.
${FUNCTION}_npx() {
  COMPREPLY=()
  [ "$COMP_CWORD" -gt 1 ] && [ "\${COMP_WORDS[1]}" = "${program}" ] || return
  COMP_WORDS=("\${COMP_WORDS[@]:1}")
  COMP_CWORD=$((COMP_CWORD - 1))
  ${FUNCTION}
}
if [ -n "$BASH_VERSION" ] && ! complete -p npx >/dev/null 2>&1; then complete -o default -F ${FUNCTION}_npx npx; fi
`;
}

function valueCase(path: string, { flags, value }: CompletedOption): string[] {
  if (value === undefined) return [];
  const pattern = flags.map((flag) => `"${path}/${flag}"`).join(" | ");
  if (value === "any") return [`    ${pattern}) return ;;`];
  const found = value === "file" ? 'compgen -f -- "$current"' : `compgen -W "${value.join("\n")}" -- "$current"`;
  // Older versions have no compopt, and put a space after a folder.
  const first = value === "file" ? "compopt -o filenames 2>/dev/null; " : "";
  return [`    ${pattern}) ${first}COMPREPLY=($(${found})); return ;;`];
}

/** Zsh runs the script for bash in its compatibility module. */
export const zsh = (program: string, tree: readonly Completed[]): string =>
  `#compdef ${program}\nautoload -U +X compinit bashcompinit && compinit && bashcompinit\n${bash(program, tree)}`;
