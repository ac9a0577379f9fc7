/** The result of one check. */
export interface Finding {
  /** What was checked: `node`, `pulumi`, `plugins`, `package`, `stack`, `credentials`, `account`, … */
  readonly name: string;
  /** `warn` limits some uses, `fail` prevents all; `skipped` could not be checked, or there was nothing to check. */
  readonly verdict: "ok" | "warn" | "fail" | "skipped";
  /** What was found, in words. Contains no secret. */
  readonly detail: string;
  /** How to fix it, on one line. */
  readonly fix?: string;
}

/** A finding without its name. */
export type Result = Omit<Finding, "name">;

export const ok = (detail: string): Result => ({ verdict: "ok", detail });
export const skipped = (detail: string): Result => ({ verdict: "skipped", detail });
export const warn = (detail: string, fix: string): Result => ({ verdict: "warn", detail, fix });
export const fail = (detail: string, fix: string): Result => ({ verdict: "fail", detail, fix });
