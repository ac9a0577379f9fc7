import type { CreatedNamespace, NamespaceInfo, Namespaces } from "../namespaces/namespaces";
import { type ControlCall, ControlError } from "./call";

/** `GET /_emulator/namespaces`. */
export const listNamespaces = (call: ControlCall): { namespaces: NamespaceInfo[] } => ({ namespaces: namespacesOf(call).list() });

/** `POST /_emulator/namespaces`, with `{"name": …}` or without. */
export const createNamespace = (call: ControlCall): CreatedNamespace =>
  namespacesOf(call).create((call.input as Record<string, unknown>).name);

/** `DELETE /_emulator/namespaces/NAME`. Returns those that are left. */
export function deleteNamespace(call: ControlCall): { namespaces: NamespaceInfo[] } {
  namespacesOf(call).delete(call.name);
  return listNamespaces(call);
}

function namespacesOf({ namespaces }: ControlCall): Namespaces {
  if (!namespaces) throw new ControlError(404, "this emulator has no namespaces");
  return namespaces;
}
