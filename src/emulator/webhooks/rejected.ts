/** The error of a change that a pre-webhook rejected. */
import { fail, TwilioError } from "../errors";

const CODE = 50056;

/** A pre-webhook rejected the change. */
export class Rejected extends TwilioError {
  /** The pre-webhook. Its URL has no password. */
  readonly by: { event: string; url: string; status: number };

  constructor(by: Rejected["by"]) {
    const { status, message } = fail(CODE);
    super(status, CODE, message);
    this.by = by;
  }
}
