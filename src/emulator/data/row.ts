/** What the emulator stores about the objects of its data file. It is part of the state: a later start changes only what differs. */
import { type Domain, defineTable } from "../domain";
import type { Product } from "../resources/endpoints";
import type { Row } from "../store";
import type { DataSids } from "./change";
import type { Form } from "./rest";

/** An object of the file. Its key is its path there. */
export interface DataRow extends Row {
  section: string;
  name: string;
  /** Null for what has none, such as a configuration. */
  objectSid: string | null;
  product: Product;
  /** The path of the object, and of the collection that it is in. */
  item: string;
  collection: string;
  /** The values in the file, as JSON. */
  declared: string;
  /** What was sent. */
  form: Form;
  /** What restores a singleton as it was before. */
  restore: Form;
  /** A number's phone number. */
  phoneNumber: string | null;
}

export const dataTable = defineTable<DataRow>()({ name: "data" });

export function sidsOf(domain: Domain): DataSids {
  const sids: Record<string, Record<string, string>> = {};
  for (const { section, name, objectSid } of dataTable.in(domain).all()) {
    if (objectSid !== null) sids[section] = { ...sids[section], [name]: objectSid };
  }
  return sids;
}
