import type { Lab } from "./lab";
import type { Certainty, Form, Need } from "./terms";

/** A statement about Twilio's API that a run can test. */
export interface Fact {
  /** The area and a name: `conversations.unique-name-taken`. */
  readonly id: string;
  readonly says: string;
  readonly certainty: Certainty;
  readonly needs: Need;
  /** Twilio's page on the subject. */
  readonly source: string;
  /** Throws what refutes the fact. Reaches Twilio through the lab only. */
  readonly check: (lab: Lab) => Promise<unknown>;
}

/** A fact in its area's file; the area adds its name, and its page as the source. */
export type Entry = Omit<Fact, "source"> & { readonly source?: string };

/** The facts of one area. `page` is the path of its page below `https://www.twilio.com/docs/`. */
export const area = (name: string, page: string, entries: readonly Entry[]): Fact[] =>
  entries.map((entry) => ({ source: docs(page), ...entry, id: `${name}.${entry.id}` }));

/** A page of Twilio's documentation. */
export const docs = (page: string): string => `https://www.twilio.com/docs/${page}`;

/** A request that Twilio must refuse. */
interface Refusal {
  readonly id: string;
  /** The sentence, to which the code is added. */
  readonly says: string;
  readonly code: number;
  /** The HTTP status, where the fact includes it. */
  readonly status?: number;
  /** Default: POST. */
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** The path. `{service}` is the run's own service, `{conversation}` a new conversation in it, `{user}` a user in it. */
  readonly path: string;
  readonly form?: Form;
  /** Default: `documented`, because Twilio documents the codes of its errors. */
  readonly certainty?: Certainty;
  /** Default: `write` if the path needs an object of the run, else `read`. */
  readonly needs?: Need;
}

/** A fact that a request is refused with a code. */
export const refusal = ({ id, says, code, status, certainty = "documented", needs, ...request }: Refusal): Entry => ({
  id,
  says: `${says} (${status === undefined ? "" : `${status}, `}${code})`,
  certainty,
  needs: needs ?? (request.path.includes("{") ? "write" : "read"),
  source: docs(`errors/${code}`),
  check: (lab) => lab.refuses({ ...request, code, ...(status === undefined ? {} : { status }) }),
});
