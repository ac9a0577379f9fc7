/** What the doctor found about one thing. */
export interface Finding {
  /** What was looked at: `node`, `pulumi`, `plugins`, `package`, `stack`, `credentials`, `account`, … */
  readonly name: string;
  /** `warn` hinders some uses, `fail` all of them; `skipped` could not be looked at or has nothing to look at. */
  readonly verdict: "ok" | "warn" | "fail" | "skipped";
  /** What was seen, in words. Holds no secret. */
  readonly detail: string;
  /** The line that mends it. */
  readonly cure?: string;
}

/** A finding without its name. */
export type Result = Omit<Finding, "name">;

export const ok = (detail: string): Result => ({ verdict: "ok", detail });
export const skipped = (detail: string): Result => ({ verdict: "skipped", detail });
export const warn = (detail: string, cure: string): Result => ({ verdict: "warn", detail, cure });
export const fail = (detail: string, cure: string): Result => ({ verdict: "fail", detail, cure });
