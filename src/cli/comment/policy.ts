import { UsageError } from "../../core/twilio/errors";
import { nameOf, nounOf } from "../engine";

/** A violation that a policy pack reported. */
export interface Violation {
  readonly policy: string;
  /** `mandatory` stops the deployment; `advisory` and `warning` only tell. */
  readonly level: string;
  /** `Conversation hello`; missing where it is the stack's. */
  readonly resource?: string;
  readonly message: string;
}

/** What the policies said of one stack. */
export interface Policies {
  /** As the resources' URNs have it; missing where none is named. */
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

/** Reads the engine's events, one JSON object a line, as `pulumi preview --event-log` writes them. */
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
        ...(resourceUrn && !type.startsWith("pulumi:pulumi:Stack") ? { resource: `${nounOf(type)} ${name}` } : {}),
      },
    ];
  });
  const [, stack] = /urn:pulumi:([^:"]+)::/.exec(text) ?? [];
  // Those that stop the deployment first.
  const order = (level: string) => (level === "mandatory" ? 0 : 1);
  return { ...(stack === undefined ? {} : { stack }), violations: violations.sort((a, b) => order(a.level) - order(b.level)) };
}

function parse(line: string, source: string): EngineEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === "object" && event !== null && !Array.isArray(event)) return event;
  } catch {
    // The error below says it.
  }
  throw new UsageError(
    `${source} holds no events of the engine, one JSON object a line; PULUMI_DEBUG_COMMANDS=true pulumi preview --event-log ${source} writes them.`,
  );
}

/** Without the engine's marks for colours. */
const plain = (message: string): string => message.replace(/<\{%[^%]*%\}>/g, "").trim();
