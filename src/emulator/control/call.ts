/** Requests to the control plane. */
import type { EmulatorContext } from "../context";

export interface ControlCall {
  context: EmulatorContext;
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
