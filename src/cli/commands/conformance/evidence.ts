import { redactor } from "../../../core/process/redact";
import { type Connection, describePlace } from "../../../core/twilio/connection";
import { packageInfo } from "../../shared/package-info";
import { maskAccounts } from "./excerpt";
import type { Consent, Outcome, Result } from "./run";

/** What a run was. */
export interface Circumstances {
  readonly target: "emulator" | "account";
  readonly connection: Connection;
  readonly consent: Consent;
  /** Why the account may be used. */
  readonly because?: string;
  readonly began: Date;
  readonly interrupted: boolean;
}

/** How many facts have each answer. */
export function countsOf({ results }: Outcome): Record<Result["answer"], number> {
  const count = (answer: Result["answer"]) => results.filter((result) => result.answer === answer).length;
  return { confirmed: count("confirmed"), refuted: count("refuted"), "not run": count("not run") };
}

/** The record of a run as JSON on one line: without secrets, with masked accounts. */
export function evidenceOf(outcome: Outcome, circumstances: Circumstances): string {
  const { connection, target, consent, because, began, interrupted } = circumstances;
  const record = {
    tool: `${packageInfo.name} ${packageInfo.version}`,
    client: `twilio-node ${(require("twilio/package.json") as { version: string }).version}`,
    node: process.versions.node,
    date: began.toISOString(),
    target,
    server: connection.baseUrl ?? "https://*.twilio.com",
    place: describePlace(connection),
    ...(because === undefined ? {} : { accountUsedBecause: because }),
    consent: { writes: consent.writes, purchases: consent.costLimit !== undefined },
    cost: outcome.cost,
    interrupted,
    counts: countsOf(outcome),
    facts: outcome.results.map(({ fact: { check: _, ...fact }, ...result }) => ({ ...fact, ...result })),
    left: outcome.left,
    leftByOthers: outcome.leftByOthers,
  };
  return maskAccounts(redactor(connection.secrets, connection.username)(JSON.stringify(record)));
}
