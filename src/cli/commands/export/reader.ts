import { pages } from "../../../core/twilio/transport";
import type { Body, ListRequest, Twilio } from "../../../core/twilio/twilio";
import type { Progress } from "../../shared/progress";
import type { ScanFile } from "./scan-file";

/** A list at Twilio. */
export interface List {
  readonly product: ListRequest["product"];
  readonly path: string;
  /** The key of the list in the response. */
  readonly key: string;
}

/** Reads from Twilio what the scan file does not contain yet, and adds it there. */
export interface Reader {
  one(product: List["product"], path: string): Promise<Body | undefined>;
  /** `undefined` where the list's parent was deleted. `showsItems`: progress counts the items. */
  list(list: List, options: { readonly showsItems: boolean }): Promise<Body[] | undefined>;
  /** How long a list is. */
  count(list: List): Promise<number>;
}

/** A list that the scan file contains in part is continued after its last page. */
export function reader(twilio: Twilio, file: ScanFile, progress: Progress): Reader {
  async function read({ product, path, key }: List, { showsItems, keepsItems }: { showsItems: boolean; keepsItems: boolean }) {
    const id = `${product}${path}`;
    const last = file.pagesOf(id).at(-1);
    if (last === undefined || last.next !== undefined) {
      // Without a page size: the lists differ in the largest that they accept, and all default to 50.
      const request: ListRequest = { attempt: `Cannot read ${key}`, product, path: last?.next ?? path };
      for await (const { items, next } of pages(twilio.send, request, key)) {
        file.add(id, { items: keepsItems ? items : [], count: items.length, ...(next === undefined ? {} : { next }) });
        if (showsItems) progress.step(items.length);
      }
    }
    return file.pagesOf(id);
  }

  return {
    async one(product, path) {
      const id = `${product}${path}`;
      if (file.pagesOf(id).length === 0) {
        const body = await twilio.send({ attempt: `Cannot read ${path}`, product, path, method: "get" });
        file.add(id, { items: body ? [body] : [], count: body ? 1 : 0 });
      }
      return file.pagesOf(id)[0]?.items[0];
    },
    async list(list, { showsItems }) {
      const found = await read(list, { showsItems, keepsItems: true });
      return found.length === 0 ? undefined : found.flatMap(({ items }) => items);
    },
    async count(list) {
      return (await read(list, { showsItems: true, keepsItems: false })).reduce((sum, { count }) => sum + count, 0);
    },
  };
}
