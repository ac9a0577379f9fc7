/** Requests to the control plane. */
import type { EmulatorContext } from "../context";
import type { Namespaces } from "../namespaces/namespaces";

export interface ControlCall {
  context: EmulatorContext;
  /** The emulators that share the port, if there can be several. */
  namespaces: Namespaces | undefined;
  query: URLSearchParams;
  /** The name in the path, where it has one. */
  name: string;
  /** The JSON body. */
  input: Record<string, unknown> | unknown[];
}

/** An error that the control plane returns with this status. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An address in the query. An unescaped plus means a space there. */
export const addressIn = ({ query }: Pick<ControlCall, "query">, name: string): string | undefined =>
  query.get(name)?.replace(/^ /, "+").replace(/: /, ":+");
