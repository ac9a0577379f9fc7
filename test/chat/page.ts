/** Steps and locators that the tests of the chat page share. */
import type { Page } from "playwright-core";
import { HANDSET, PINEAPPLE, type ServedPage } from "./support";

/** What the browser's console says about a server that has stopped. */
export const SERVER_STOPPED =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|WebSocket|503/;

export const messageList = (page: Page) => page.getByRole("log", { name: "Messages" });
export const messageItem = (page: Page, text: string) => messageList(page).getByRole("listitem").filter({ hasText: text });
export const phone = (page: Page, address = HANDSET) => page.getByRole("article", { name: address });
export const untilConnected = (page: Page) => page.getByText("You are connected.").waitFor();
export const openFirst = (page: Page) => page.getByRole("button", { name: "My First Conversation" }).click();

/** Opens a page, signs in and opens the conversation. */
export async function openChat(open: (url: string) => Promise<Page>, { url }: ServedPage, identity = PINEAPPLE): Promise<Page> {
  const page = await open(`${url}?identity=${identity}`);
  await untilConnected(page);
  await openFirst(page);
  return page;
}

/** Sends a message in the open conversation. */
export async function sendMessage(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** Sends a text from the virtual phone. */
export async function sendText(page: Page, body: string): Promise<void> {
  await phone(page).getByRole("textbox").fill(body);
  await phone(page).getByRole("button", { name: "Send text" }).click();
}
