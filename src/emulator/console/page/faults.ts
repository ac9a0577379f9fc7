import { byId, element } from "../../../chat/page/dom.ts";
import { type Fault, getControl, sendControl } from "./api.ts";
import { act } from "./notice.ts";
import { replaceRows } from "./rows.ts";

/** Rules that the user can add with one button. */
const PRESETS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "Too many requests, once (429)": { status: 429, retryAfter: 1, times: 1 },
  "Unavailable for 30 seconds (503)": { status: 503, forSeconds: 30 },
  "Slow: 2 seconds each": { delayMs: 2000 },
  "Lost response of the next change": { method: "POST", drop: "after", times: 1 },
  "Connection closed before the next request": { drop: "before", times: 1 },
  "Web page instead of JSON, once": { body: "html", times: 1 },
  "Chat clients cannot connect (503)": { path: "/v3/wsconnect", status: 503 },
};

const preset = byId<HTMLSelectElement>("fault-preset");
const path = byId<HTMLInputElement>("fault-path");

/** Lets the user add and remove fault rules. */
export function startFaults(): void {
  preset.append(...Object.keys(PRESETS).map((name) => element("option", { value: name }, name)));
  byId("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void act(async () => {
      const only = path.value.trim();
      await sendControl("POST", "faults", { ...PRESETS[preset.value], ...(only !== "" && { path: only }) });
      await showFaults();
      return "The fault rule was added.";
    });
  });
}

/** Shows the rules, with how often each one acted. */
export async function showFaults(): Promise<void> {
  const { faults } = (await getControl<{ faults: Fault[] }>("faults")) ?? { faults: [] };
  byId("no-faults").hidden = faults.length > 0;
  replaceRows(byId("faults"), faults.map(row));
}

function textOf({ id: _id, matched, acted, error, ...rule }: Fault): string {
  const fields = Object.entries(rule).map(([name, value]) => `${name} ${value}`);
  return `${fields.join(", ")}: acted on ${acted} of ${matched} matching requests${error === undefined ? "" : `. ${error}`}`;
}

function row(fault: Fault): HTMLLIElement {
  const { id } = fault;
  const text = textOf(fault);
  const remove = element("button", { type: "button", "aria-label": `Remove rule ${id}: ${text}`, "data-key": `${id}` }, "Remove");
  remove.addEventListener("click", () => {
    void act(async () => {
      await sendControl("DELETE", `faults/${id}`);
      await showFaults();
      byId("faults-title").focus();
      return "The fault rule was removed.";
    });
  });
  return element("li", {}, element("span", { dir: "auto" }, text), element("span", { class: "buttons" }, remove));
}
