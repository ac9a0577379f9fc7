import { byId } from "../../../chat/page/dom.ts";

/** Shows, and lets screen readers read, what came of an action. */
export function notify(text: string, isError = false): void {
  const notice = byId("notice");
  notice.textContent = text;
  notice.classList.toggle("error", isError);
}

/** Runs an action of the user and shows its result, or the reason why it failed. */
export async function act(action: () => Promise<string | undefined>): Promise<void> {
  try {
    const result = await action();
    if (result !== undefined) notify(result);
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error), true);
  }
}
