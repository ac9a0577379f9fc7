import type { Body } from "../../core/lifecycle/definition";
import { pages } from "../../core/twilio/transport";
import type { ListRequest, Twilio } from "../../core/twilio/twilio";
import type { Progress } from "../progress";
import type { ScanFile } from "./scan-file";

type Product = ListRequest["product"];

/** Reads from Twilio what the scan file does not hold, and puts it there. */
export interface Reader {
  one(product: Product, path: string): Promise<Body | undefined>;
  /** `undefined` where Twilio says that there is no such list: what it belongs to was deleted. */
  list(product: Product, path: string, key: string): Promise<Body[] | undefined>;
  /** How long a list is. */
  count(product: Product, path: string, key: string): Promise<number>;
}

/** Lists are gone on with at the page where the scan file ends. */
export function reader(twilio: Twilio, file: ScanFile, progress: Progress): Reader {
  async function read(product: Product, path: string, key: string, isCounted: boolean) {
    const id = `${product}${path}`;
    const last = file.pagesOf(id).at(-1);
    if (last === undefined || last.next !== undefined) {
      // Without a page size: lists differ in the largest that they take, and all give 50 by themselves.
      const request: ListRequest = { attempt: `Cannot read ${key}`, product, path: last?.next ?? path };
      for await (const { items, next } of pages(twilio.send, request, key)) {
        file.add(id, { items: isCounted ? [] : items, count: items.length, ...(next === undefined ? {} : { next }) });
        // Of participants there are many short lists; those are counted by their conversations.
        if (key !== "participants") progress.step(items.length);
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
    async list(product, path, key) {
      const found = await read(product, path, key, false);
      return found.length === 0 ? undefined : found.flatMap(({ items }) => items);
    },
    async count(product, path, key) {
      return (await read(product, path, key, true)).reduce((sum, { count }) => sum + count, 0);
    },
  };
}
