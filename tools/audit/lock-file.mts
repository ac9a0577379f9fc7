/** The check of the lock file, which needs no network. */

/** An entry of `packages` in package-lock.json. */
interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly peer?: boolean;
}

/** A lock file, as far as the check reads it. */
export interface LockFile {
  readonly packages: Readonly<Record<string, Entry>>;
}

/** Licenses under which a package of somebody else may be a dependency of this one and of its users. */
const PERMISSIVE = new Set(["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0", "CC0-1.0", "Unlicense"]);
/** Licenses of tools, of which nothing is published. */
const TOOLS_ONLY = new Set(["MPL-2.0", "Python-2.0", "CC-BY-3.0"]);
/** Tools whose `license` is not an SPDX expression, and the license in their files. */
const READ_BY_A_PERSON: Readonly<Record<string, string>> = {
  tsv: "MIT",
  "@logdna/tail-file": "MIT",
  buildcheck: "MIT",
  "cpu-features": "MIT",
  ssh2: "MIT",
};
const REGISTRY = "https://registry.npmjs.org/";

/** The problems of a lock file: one line for each package. */
export function problemsOf({ packages }: LockFile): string[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    // The project itself, and its link to itself.
    if (path === "" || (entry.link && entry.resolved === "")) return [];
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return [...sourceProblems(entry), ...licenseProblems(name, entry)].map((problem) => `${path}: ${problem}`);
  });
}

function sourceProblems({ version, resolved, integrity, link }: Entry): string[] {
  if (link) return ["must not be a link to another folder"];
  return [
    ...(/^\d+\.\d+\.\d+/.test(version ?? "") ? [] : ["must have a version"]),
    // Without it, whoever answers the download decides what is installed.
    ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "")
      ? []
      : ["must have a SHA-512 integrity; delete the entry and run npm install"]),
    // npm replaces this host by the configured registry. Any other is downloaded from as it is.
    ...(resolved === undefined || resolved.startsWith(REGISTRY) ? [] : [`must come from ${REGISTRY}, not from ${resolved}`]),
  ];
}

function licenseProblems(name: string, { license = "none", dev }: Entry): string[] {
  const known = dev ? (READ_BY_A_PERSON[name] ?? license) : license;
  const names = known.replace(/^\(|\)$/g, "").split(/ (?:AND|OR) /);
  const isAllowed = names.every((one) => PERMISSIVE.has(one) || (dev && TOOLS_ONLY.has(one)));
  if (isAllowed) return [];
  return [`must have a permissive license${dev ? "" : ", because it is installed with the package"}; it has ${known}`];
}
