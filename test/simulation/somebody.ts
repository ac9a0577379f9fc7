/** What people and applications do at Twilio, past Pulumi. */
import type { Row } from "./emulated-twilio";
import type { Network } from "./faults";

type Product = "api" | "conversations";

/** An object that exists, and the table that has it. */
export interface Live {
  readonly table: string;
  readonly row: Row;
}

export class Somebody {
  constructor(
    private readonly network: Network,
    private readonly accountSid: string,
    private readonly rows: () => Record<string, Row[]>,
  ) {}

  /** The objects that exist, of the kinds that programs declare. */
  live(): Live[] {
    const rows = this.rows();
    return ["numbers", "services", "conversations", "participants", "scopedWebhooks"].flatMap((table) =>
      (rows[table] ?? []).map((row) => ({ table, row })),
    );
  }

  send(method: string, product: Product, path: string, form?: Record<string, string>) {
    return this.network.carryOut({ method, product, path, form });
  }

  async write(pick: number): Promise<void> {
    const candidates = this.live().filter(({ table }) => table === "numbers" || table === "conversations" || table === "participants");
    const chosen = candidates[pick % candidates.length];
    if (!chosen) return;
    const { table, row } = chosen;
    const path = this.pathOf(table, row);
    if (table === "numbers") await this.send("post", "api", path, { SmsUrl: "https://application.example.com/" });
    else if (table === "conversations" && pick % 2 === 0) await this.send("post", "conversations", path, { FriendlyName: "Application" });
    else {
      const attributes = typeof row.attributes === "string" ? JSON.parse(row.attributes) : {};
      const written = { ...attributes, plan: "application", visits: pick };
      await this.send("post", "conversations", path, { Attributes: JSON.stringify(written) });
    }
  }

  async delete(pick: number): Promise<void> {
    const candidates = this.live();
    const chosen = candidates[pick % candidates.length];
    if (chosen) await this.send("delete", chosen.table === "numbers" ? "api" : "conversations", this.pathOf(chosen.table, chosen.row));
  }

  async create(what: "conversation" | "number" | "service", key: number, forSale: readonly string[]): Promise<void> {
    if (what === "conversation") await this.send("post", "conversations", "/v1/Conversations", { UniqueName: `room ${key} of all` });
    else if (what === "service") await this.send("post", "conversations", "/v1/Services", { FriendlyName: `service ${key} of all, 0` });
    else await this.send("post", "api", `${this.numbers}.json`, { PhoneNumber: forSale[key] as string });
  }

  private get numbers(): string {
    return `/2010-04-01/Accounts/${this.accountSid}/IncomingPhoneNumbers`;
  }

  /** Where Twilio has an object. */
  private pathOf(table: string, row: Row): string {
    const service = `/v1/Services/${row.chatServiceSid ?? row.serviceSid}`;
    if (table === "numbers") return `${this.numbers}/${row.sid}.json`;
    if (table === "services") return `/v1/Services/${row.sid}`;
    if (table === "conversations") return `${service}/Conversations/${row.sid}`;
    const conversation = (this.rows().conversations ?? []).find(({ sid }) => sid === row.conversationSid) as Row;
    return `${this.pathOf("conversations", conversation)}/${table === "participants" ? "Participants" : "Webhooks"}/${row.sid}`;
  }
}
