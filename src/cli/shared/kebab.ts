// Longer names help nobody, and a suffix may follow.
const MAX_LENGTH = 48;

/** A text as a kebab-case name that starts with a letter; only ASCII letters and digits are kept. Empty where the text has none. */
export function kebab(text: unknown): string {
  const words = String(text ?? "")
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const name = words.join("-").slice(0, MAX_LENGTH).replace(/-+$/, "");
  return /^\d/.test(name) ? `n${name}` : name;
}
