import type { Belongings } from "./belongings";
import { objection } from "./guard";
import type { Answer, Ask, Exchange, Send } from "./rest";
import { type Need, NotRun } from "./terms";

/** The requests of a run: it refuses those that a fact must not send, notes what they create, and keeps them as evidence. */
export class Traffic {
  private exchanges: Exchange[] = [];
  private needs: Need = "read";

  constructor(
    private readonly sendOnce: Send,
    private readonly belongings: Belongings,
    private readonly interrupted: AbortSignal,
  ) {}

  /** Starts the record of a fact. */
  begin(needs: Need): void {
    this.needs = needs;
    this.exchanges = [];
  }

  /** The fact's requests so far. */
  get recorded(): readonly Exchange[] {
    return this.exchanges;
  }

  /** Sends a request. Returns the path of an object that it created, if the run must delete it. */
  async send(ask: Ask, { isRefusal = false } = {}): Promise<{ answer: Answer; created: string | undefined }> {
    // A request in flight is never aborted: what it creates would be unknown.
    if (this.interrupted.aborted) throw new NotRun("the run was interrupted");
    const { own, withPhones } = this.belongings;
    const why = objection(ask, { needs: this.needs, isRefusal, own, withPhones });
    if (why !== undefined) throw new Error(`${ask.method} ${ask.path} was not sent: ${why}`);
    try {
      const answer = await this.sendOnce(ask);
      this.exchanges.push({ ask, answer });
      return { answer, created: this.belongings.note(ask, answer) };
    } catch (error) {
      this.exchanges.push({ ask, answer: undefined });
      if (ask.method === "POST") this.belongings.noteLost();
      throw error;
    }
  }
}
