import { hash, randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE, writeAtomically } from "../../process/atomic-write";
import { makeFolders } from "../../process/make-folders";

/** What one line of a journal says about a key: its note, or without `v` that it has none. */
interface Line {
  /** A digest of the key, which may hold names that nobody else should read. */
  readonly k: string;
  /** Of all lines about a key, the one with the highest number counts: higher than all that its process had seen, because clocks may be set back. */
  readonly n: number;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  readonly v?: unknown;
}

type Journal = Map<string, Line>;

const extension = ".jsonl";
/** More journals of ended processes than this are merged. */
const maxOldJournals = 8;
/** A process that has not written for so long has most likely ended. Otherwise it begins a new journal. */
const oldAfterMs = 3_600_000;
/** File systems count time in steps of some milliseconds: two changes of a folder within one cannot be told apart. */
const settledAfterMs = 100;

/**
 * Notes in the journals of a folder. Each process appends to its own: a new file for each note would take many times as long, a third of the time
 * that a large set needs. All processes read all journals. A line is written at once, so a killed process leaves no incomplete one.
 */
export class NoteJournals {
  private readonly ownFile = `${process.pid}-${randomBytes(4).toString("hex")}${extension}`;
  private readonly own: Journal = new Map();
  private readonly others = new Map<string, { readonly version: string; readonly journal: Journal }>();
  private last = 0;
  private hasFolder = false;
  /** When the folder had changed last, at a listing that cannot have missed a change. */
  private listedAt: number | undefined;
  private files: readonly string[] = [];

  constructor(
    private readonly folder: string,
    private readonly keepForMs: number,
  ) {
    this.look();
    this.merge();
  }

  read(key: string): never | undefined {
    this.look();
    const line = this.newest(digest(key));
    return this.isLive(line) ? (line.v as never) : undefined;
  }

  write(key: string, value: unknown): boolean {
    this.look();
    return this.append([this.next(digest(key), value)]);
  }

  remove(key: string): void {
    this.look();
    const k = digest(key);
    // A note that cannot be removed expires.
    if (this.isLive(this.newest(k))) this.append([this.next(k)]);
  }

  all(): unknown[] {
    this.look();
    const keys = new Set([this.own, ...this.journalsOfOthers()].flatMap((journal) => [...journal.keys()]));
    return [...keys].map((k) => this.newest(k)).flatMap((line) => (this.isLive(line) ? [line.v] : []));
  }

  tidy(): void {
    this.look();
    const isNeeded = (k: string) => this.journalsOfOthers().some((journal) => this.isLive(journal.get(k)));
    for (const [k, line] of this.own) if (!this.isLive(line) && !isNeeded(k)) this.own.delete(k);
    if (this.own.size === 0) remove(this.pathOf(this.ownFile));
    else rewrite(this.pathOf(this.ownFile), this.own);
  }

  /** Reads what other processes have written since the last look. */
  private look(): void {
    for (const file of this.journalFiles()) {
      if (file === this.ownFile) continue;
      const version = versionOf(this.pathOf(file));
      if (this.others.get(file)?.version === version) continue;
      const journal = readJournal(this.pathOf(file));
      this.others.set(file, { version, journal });
      for (const { n } of journal.values()) this.last = Math.max(this.last, n);
    }
  }

  /** The journals in the folder, which is listed again only if something was created or removed in it. */
  private journalFiles(): readonly string[] {
    const { mtimeMs } = statSync(this.folder, { throwIfNoEntry: false }) ?? {};
    const isSettled = mtimeMs !== undefined && Date.now() - mtimeMs > settledAfterMs;
    this.hasFolder = mtimeMs !== undefined;
    if (isSettled && this.listedAt === mtimeMs) return this.files;
    this.listedAt = isSettled ? mtimeMs : undefined;
    this.files = mtimeMs === undefined ? [] : entriesOf(this.folder).filter((entry) => entry.endsWith(extension));
    for (const file of this.others.keys()) if (!this.files.includes(file)) this.others.delete(file);
    return this.files;
  }

  /** Takes over what is left in the journals of ended processes, and removes those. */
  private merge(): void {
    const old = [...this.others.keys()].filter((file) => ageOf(this.pathOf(file)) > oldAfterMs);
    if (old.length <= maxOldJournals) return;
    const left = this.leftOf(old);
    if (left.length > 0 && !this.append(left)) return;
    for (const file of old) {
      // Its process may have written meanwhile.
      if (versionOf(this.pathOf(file)) !== this.others.get(file)?.version) continue;
      remove(this.pathOf(file));
      this.others.delete(file);
    }
  }

  /** What these journals say that no other one does: notes, and that a key has none where another journal has an older line about it. */
  private leftOf(old: readonly string[]): Line[] {
    const rest = [...this.others].flatMap(([file, { journal }]) => (old.includes(file) ? [] : [journal]));
    const keys = new Set(old.flatMap((file) => [...(this.others.get(file)?.journal.keys() ?? [])]));
    return [...keys].flatMap((k) => {
      const line = this.newest(k);
      return line && (this.isLive(line) || rest.some((journal) => journal.has(k))) ? [line] : [];
    });
  }

  private append(lines: readonly Line[]): boolean {
    try {
      if (!this.hasFolder) makeFolders(this.folder, 0o700);
      appendFileSync(this.pathOf(this.ownFile), textOf(lines), { mode: PRIVATE });
    } catch {
      return false;
    }
    for (const line of lines) this.own.set(line.k, line);
    return true;
  }

  private next(k: string, value?: unknown): Line {
    // The time keeps numbers apart that processes have not seen of each other.
    this.last = Math.max(this.last + 1, Date.now());
    // What another process would read.
    const v = value === undefined ? {} : { v: JSON.parse(JSON.stringify(value)) };
    return { k, n: this.last, at: Date.now(), ...v };
  }

  private newest(k: string): Line | undefined {
    let found = this.own.get(k);
    for (const { journal } of this.others.values()) {
      const line = journal.get(k);
      if (line && (!found || line.n > found.n)) found = line;
    }
    return found;
  }

  private isLive(line: Line | undefined): line is Line {
    return line?.v !== undefined && Date.now() - line.at <= this.keepForMs;
  }

  private journalsOfOthers(): Journal[] {
    return [...this.others.values()].map(({ journal }) => journal);
  }

  private pathOf(file: string): string {
    return join(this.folder, file);
  }
}

// Where a full disk cut the line before, it ends here.
const textOf = (lines: Iterable<Line>): string => [...lines].map((line) => `\n${JSON.stringify(line)}`).join("");

export const digest = (text: string): string => hash("sha256", text).slice(0, 32);

function rewrite(path: string, journal: Journal): void {
  try {
    writeAtomically(path, textOf(journal.values()));
  } catch {
    // The disk is full: the longer journal says the same.
  }
}

function readJournal(path: string): Journal {
  const journal: Journal = new Map();
  for (const text of readText(path).split("\n")) {
    const line = parsed(text);
    if (line && line.n >= (journal.get(line.k)?.n ?? 0)) journal.set(line.k, line);
  }
  return journal;
}

function parsed(text: string): Line | undefined {
  try {
    const line = JSON.parse(text);
    return typeof line?.k === "string" && Number.isSafeInteger(line.n) && typeof line.at === "number" ? line : undefined;
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function versionOf(file: string): string {
  const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return `${size} ${mtimeMs}`;
}

/** The names in a folder; none if it does not exist. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export const ageOf = (file: string): number => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);

/** What cannot be removed expires. */
export function remove(file: string): void {
  try {
    rmSync(file, { force: true, recursive: true });
  } catch {}
}
