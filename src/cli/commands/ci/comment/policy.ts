import { resourceName } from "../../../../core/lifecycle/check";
import { UsageError } from "../../../../core/twilio/errors";
import { nameOf } from "../../../shared/engine";

/** A violation that a policy pack reported. */
export interface Violation {
  readonly policy: string;
  /** `mandatory` stops the deployment; `advisory` and `warning` only report. */
  readonly level: string;
  /** `Conversation hello`; missing for a violation of the whole stack. */
  readonly resource?: string;
  readonly message: string;
}

/** The violations of one stack. */
export interface Policies {
  /** From the resources' URNs; missing where there are none. */
  readonly stack?: string;
  readonly violations: readonly Violation[];
}

interface EngineEvent {
  readonly policyEvent?: {
    readonly resourceUrn?: string;
    readonly message: string;
    readonly policyName: string;
    readonly enforcementLevel: string;
  };
}

/** Reads the engine's events, one JSON object on each line, as `pulumi preview --event-log` writes them. */
export function readPolicies(text: string, source: string): Policies {
  const violations = text.split("\n").flatMap((line): Violation[] => {
    if (line.trim() === "") return [];
    const { policyEvent } = parse(line, source);
    if (!policyEvent || policyEvent.enforcementLevel === "none") return [];
    const { policyName: policy, enforcementLevel: level, message, resourceUrn } = policyEvent;
    const { type, name } = nameOf(resourceUrn ?? "");
    return [
      {
        policy,
        level,
        message: plain(message),
        ...(resourceUrn && !type.startsWith("pulumi:pulumi:Stack") ? { resource: `${resourceName({ type })} ${name}` } : {}),
      },
    ];
  });
  const [, stack] = /urn:pulumi:([^:"]+)::/.exec(text) ?? [];
  // Violations that stop the deployment come first.
  const order = (level: string) => (level === "mandatory" ? 0 : 1);
  return { ...(stack === undefined ? {} : { stack }), violations: violations.sort((a, b) => order(a.level) - order(b.level)) };
}

function parse(line: string, source: string): EngineEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === "object" && event !== null && !Array.isArray(event)) return event;
  } catch {
    // The error below explains it.
  }
  throw new UsageError(
    `${source} is not an event log of the engine (one JSON object on each line). PULUMI_DEBUG_COMMANDS=true pulumi preview --event-log ${source} writes one.`,
  );
}

/** Without the engine's color markers. */
const plain = (message: string): string => message.replace(/<\{%[^%]*%\}>/g, "").trim();
