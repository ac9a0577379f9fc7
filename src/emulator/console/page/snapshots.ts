import { byId, element } from "../../../chat/page/dom.ts";
import { getControl, type Snapshot, sendControl } from "./api.ts";
import { act } from "./notice.ts";
import { replaceRows } from "./rows.ts";

const name = byId<HTMLInputElement>("snapshot-name");

/** Lets the user save, restore and delete snapshots. */
export function startSnapshots(): void {
  byId("snapshot-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void act(async () => {
      const saved = await sendControl<Snapshot>("POST", "snapshots", { name: name.value.trim() });
      name.value = "";
      await showSnapshots();
      return `The snapshot ${saved.name} was saved.`;
    });
  });
}

/** Shows the snapshots. */
export async function showSnapshots(): Promise<void> {
  const { snapshots } = (await getControl<{ snapshots: Snapshot[] }>("snapshots")) ?? { snapshots: [] };
  byId("no-snapshots").hidden = snapshots.length > 0;
  replaceRows(byId("snapshots"), snapshots.map(row));
}

function row({ name: snapshot, savedAt }: Snapshot): HTMLLIElement {
  const path = `snapshots/${encodeURIComponent(snapshot)}`;
  const button = (verb: "Restore" | "Delete", question: string, action: () => Promise<unknown>, done: string) => {
    const made = element("button", { type: "button", "aria-label": `${verb} ${snapshot}`, "data-key": `${verb} ${snapshot}` }, verb);
    made.addEventListener("click", () => {
      if (!confirm(question)) return;
      void act(async () => {
        await action();
        await showSnapshots();
        // The button that had the focus is gone.
        byId("snapshots-title").focus();
        return done;
      });
    });
    return made;
  };
  return element(
    "li",
    {},
    element("strong", {}, snapshot),
    element("span", { class: "hint" }, ` ${new Date(savedAt).toLocaleString()}`),
    element(
      "span",
      { class: "buttons" },
      button(
        "Restore",
        `Restore ${snapshot}? It replaces the emulator's present state.`,
        () => sendControl("POST", `${path}/restore`),
        `The snapshot ${snapshot} was restored.`,
      ),
      button("Delete", `Delete the snapshot ${snapshot}?`, () => sendControl("DELETE", path), `The snapshot ${snapshot} was deleted.`),
    ),
  );
}
