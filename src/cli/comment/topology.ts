import { parentProperty } from "../../core/props";
import { definitionOf } from "../definitions";
import { type Change, isNumber, numberOf } from "./plan";

/** How many resources a drawing has; more are not legible in a comment. */
const MOST = 60;

const classes: Readonly<Record<string, string>> = {
  create: "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
  update: "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
  replace: "fill:#ffe2cc,stroke:#bc4c00,color:#1f2328",
  delete: "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4",
};

const signs: Readonly<Record<string, string>> = { create: "+ ", import: "+ ", update: "~ ", replace: "± ", delete: "− " };

/** Numbers, services, conversations and participants, and who is in what, as a Mermaid flowchart; `undefined` where there is nothing. */
export function topology(changes: readonly Change[]): { readonly mermaid: string; readonly left: number } | undefined {
  const own = changes.filter(({ token }) => definitionOf(token) !== undefined);
  if (own.length === 0) return undefined;
  // What changes first, and what surrounds it.
  const changing = new Set(own.filter(({ action }) => action !== "same").map(({ urn }) => urn));
  const around = new Set(links(own).flatMap(({ from, to }) => (changing.has(from) || changing.has(to) ? [from, to] : [])));
  const rank = ({ urn }: Change) => (changing.has(urn) ? 0 : around.has(urn) ? 1 : 2);
  const shown = [...own].sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
  const ids = new Map(shown.map(({ urn }, index) => [urn, `n${index}`]));
  const nodes = shown.map((change) => `  ${ids.get(change.urn)}${shape(change)}${change.action in classes ? `:::${change.action}` : ""}\n`);
  const edges = links(shown).flatMap(({ from, to, label }) => {
    const [a, b] = [ids.get(from), ids.get(to)];
    return a && b ? [`  ${a} ${label ? `-. ${label} .-` : "---"} ${b}\n`] : [];
  });
  const styles = Object.entries(classes).map(([name, style]) => `  classDef ${name} ${style}\n`);
  return { mermaid: `flowchart LR\n${nodes.join("")}${edges.join("")}${styles.join("")}`, left: own.length - shown.length };
}

function shape(change: Change): string {
  const { action, type, name, after, before } = change;
  const who = participantOf((after ?? before)?.inputs ?? {});
  const what = isNumber(change) ? numberOf(change, action === "delete" ? "before" : "after") : who;
  const label = `"${safe(`${signs[action] ?? ""}${type} ${name}${what ? `: ${what}` : ""}`)}"`;
  if (isNumber(change)) return `([${label}])`;
  if (type === "ConversationService") return `[[${label}]]`;
  return type === "Conversation" ? `[${label}]` : `(${label})`;
}

function participantOf(inputs: Readonly<Record<string, unknown>>): string {
  const binding = (inputs.sms ?? inputs.whatsapp) as { address?: unknown } | undefined;
  const who = inputs.identity ?? binding?.address ?? inputs.address ?? inputs.projectedAddress;
  return typeof who === "string" ? who : "";
}

/** Who is in what, and which number a participant texts with. */
function links(changes: readonly Change[]): { from: string; to: string; label?: string }[] {
  const byId = new Map(changes.flatMap(({ urn, before }) => (before?.id ? [[before.id, urn] as const] : [])));
  const byNumber = new Map(
    changes.filter(isNumber).map((change) => [numberOf(change, change.action === "delete" ? "before" : "after"), change.urn]),
  );
  return changes.flatMap(({ urn, token, before, after }) => {
    const state = after ?? before;
    const definition = definitionOf(token);
    const parent = definition && parentProperty(definition);
    const inputs = state?.inputs ?? {};
    // A parent that is yet to be made has no id; the engine knows which resource the value comes from.
    const holder = parent && (byId.get(String(inputs[parent])) ?? state?.propertyDependencies?.[parent]?.[0]);
    const binding = (inputs.sms ?? inputs.whatsapp) as { proxyAddress?: unknown } | undefined;
    const number = byNumber.get(String(binding?.proxyAddress).replace(/^whatsapp:/, ""));
    return [...(holder ? [{ from: holder, to: urn }] : []), ...(number ? [{ from: number, to: urn, label: "texts" }] : [])];
  });
}

/** Text that neither Mermaid nor the fence around it takes for something else. */
function safe(text: string): string {
  const cut = text.replace(/\s+/g, " ").slice(0, 60);
  return [...cut].map((character) => (/[\w .,:+~±−-]/.test(character) ? character : `#${character.codePointAt(0)};`)).join("");
}
