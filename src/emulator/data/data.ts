/** The data that an emulator starts with: an object, or a file that may change while the emulator runs. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { applyData, type Place } from "./apply";
import type { Changes, DataChange, DataSids } from "./change";
import { type Declared, readDocument } from "./document";
import { readFile } from "./file";
import { DataRefused, type Problem } from "./problems";
import { sidsOf } from "./row";

/** A writer may need several steps. Until it is done, the file is not valid, or not complete. */
const SETTLE_MS = 100;

export class Data {
  /** The problems of the file as it is now. */
  problems: readonly Problem[] = [];
  private readonly place: Place;
  private readonly source: string | object;
  private declared: readonly Declared[] = [];
  private watcher: FSWatcher | undefined;
  private settling: NodeJS.Timeout | undefined;
  private applying: Promise<unknown> = Promise.resolve();

  constructor(place: Place, source: string | object) {
    this.place = place;
    this.source = source;
  }

  get sids(): DataSids {
    return sidsOf(this.place.domain);
  }

  /** Reads the source, and applies what differs. Throws `DataRefused`. */
  async load(): Promise<Changes> {
    const { source } = this;
    const document = typeof source === "string" ? await readFile(source) : readDocument(source);
    const file = typeof source === "string" ? source : undefined;
    try {
      if ("problems" in document) throw new DataRefused(document.problems, file);
      const changes = applyData(this.place, document.declared);
      this.declared = document.declared;
      this.problems = [];
      return changes;
    } catch (error) {
      if (!(error instanceof DataRefused)) throw error;
      this.problems = error.problems;
      throw new DataRefused(error.problems, file);
    }
  }

  /** Applies what the last valid source declared. */
  restore(): void {
    applyData(this.place, this.declared);
  }

  /** Applies each change of the file until it is closed. */
  watch(report: (change: DataChange) => void): void {
    if (typeof this.source !== "string") return;
    const path = resolve(this.source);
    const reload = () => {
      this.applying = this.applying.then(() => this.reload()).then(report);
    };
    // The folder: editors replace a file by another one.
    this.watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name !== null && name !== basename(path)) return;
      clearTimeout(this.settling);
      this.settling = setTimeout(reload, SETTLE_MS);
    });
    // The folder may be deleted. The emulator keeps what it has.
    this.watcher.on("error", () => this.watcher?.close());
  }

  private async reload(): Promise<DataChange> {
    try {
      return { ...(await this.load()), problems: [] };
    } catch (error) {
      const problems = error instanceof DataRefused ? error.problems : [{ path: "", message: (error as Error).message }];
      return { created: [], updated: [], deleted: [], problems };
    }
  }

  /** Ends watching. */
  async close(): Promise<void> {
    this.watcher?.close();
    clearTimeout(this.settling);
    await this.applying;
  }
}
