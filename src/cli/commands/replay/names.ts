const SID = /[A-Z]{2}[0-9a-f]{32}/g;
const NUMBER = /\+[1-9]\d{6,14}/g;
const SECRETS = /^(auth_?token|secret|api_?key|private_?key|certificate|password|credential|token|username)$/i;

/** Whether a property is generated secretly, so that each run has its own value. */
export const isSecret = (property: string): boolean => SECRETS.test(property);

/** What the replay calls the objects and numbers of the recording: their SIDs differ. */
export class Names {
  private readonly names = new Map<string, string>();
  /** Two objects of the recording are never one of the replay. */
  private readonly taken = new Set<string>();
  private readonly accountSid: string;

  constructor(accountSid: string) {
    this.accountSid = accountSid;
  }

  /** Learns from two texts at the same place. What is known already stays: another SID there is a difference. */
  learn(recorded: string, replayed: string): void {
    for (const pattern of [SID, NUMBER]) {
      const [before, after] = [recorded.match(pattern) ?? [], replayed.match(pattern) ?? []];
      if (before.length !== after.length || recorded.replace(pattern, "") !== replayed.replace(pattern, "")) continue;
      before.forEach((name, index) => {
        const other = after[index] as string;
        if (this.names.has(name) || this.taken.has(other) || name.slice(0, 2) !== other.slice(0, 2)) return;
        this.names.set(name, other);
        this.taken.add(other);
      });
    }
  }

  /** The text with the replay's names. An account that no response created is the account of the recording. */
  translate(text: string): string {
    const sid = (name: string) => this.names.get(name) ?? (name.startsWith("AC") ? this.accountSid : name);
    return text.replace(SID, sid).replace(NUMBER, (number) => this.names.get(number) ?? number);
  }

  /** A form or a query with the replay's names. */
  translateForm(encoded: string): string {
    const pairs = [...new URLSearchParams(encoded)].map(([name, value]): [string, string] => [name, this.translate(value)]);
    return new URLSearchParams(pairs).toString();
  }
}
