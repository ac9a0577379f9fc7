/** Where snapshots are stored: in the state folder, or in memory if there is no folder. */
import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../../process/atomic-write";
import { createFolder } from "../../process/private-folder";
import { StateNotWritten } from "../errors";
import type { ContentsInFolder, ContentsInMemory } from "../media-contents";
import type { SnapshotInfo } from "../public-types";
import type { Row } from "../store";

/** A state at one moment. */
export interface SavedState {
  version: 1;
  /** The main account. Its credentials belong to the emulator, so a snapshot cannot become the state of another one. */
  accountSid: string;
  /** The moment, by the machine's clock. */
  savedAt: number;
  /** The moment, by the emulator's clock. */
  now: number;
  rows: Record<string, Row[]>;
}

/** A stored snapshot. */
export interface Stored {
  state: SavedState;
  /** Makes the content of media part of the state that is being restored. Call it in the transaction. */
  stageMedia(): void;
  /** Completes that after the transaction. */
  finishMedia(): void;
}

export interface SnapshotStorage {
  /** In alphabetical order. */
  list(): SnapshotInfo[];
  /** Replaces a snapshot with the same name. */
  save(name: string, state: SavedState): void;
  load(name: string): Stored | undefined;
  /** Returns whether there was one. */
  delete(name: string): boolean;
}

const infoOf = (name: string, savedAt: number): SnapshotInfo => ({ name, savedAt: new Date(savedAt).toISOString() });
const byName = (a: SnapshotInfo, b: SnapshotInfo) => (a.name < b.name ? -1 : 1);

/** Lost when the process ends. Rows and buffers never change, so that they need not be copied. */
export class SnapshotsInMemory implements SnapshotStorage {
  private readonly contents: ContentsInMemory;
  private readonly saved = new Map<string, { state: SavedState; media: ReadonlyMap<string, Buffer> }>();

  constructor(contents: ContentsInMemory) {
    this.contents = contents;
  }

  list(): SnapshotInfo[] {
    return [...this.saved].map(([name, { state }]) => infoOf(name, state.savedAt)).sort(byName);
  }

  save(name: string, state: SavedState): void {
    this.saved.set(name, { state, media: this.contents.copy() });
  }

  load(name: string): Stored | undefined {
    const found = this.saved.get(name);
    return found && { state: found.state, stageMedia: () => {}, finishMedia: () => this.contents.replace(found.media) };
  }

  delete(name: string): boolean {
    return this.saved.delete(name);
  }
}

/** The content of a snapshot's file. */
interface SavedFile extends SavedState {
  /** The name of the folder with the content of media. */
  media: string;
}

const SUFFIX = ".json";
const MEDIA_FOLDER = /^media-[0-9a-f-]{36}$/;

/**
 * One file for each snapshot, and beside it a folder with the content of media. Renaming the file is the moment at which a snapshot exists, or replaces
 * another one.
 */
export class SnapshotsInFolder implements SnapshotStorage {
  private readonly folder: string;
  private readonly contents: ContentsInFolder;

  constructor(stateDir: string, contents: ContentsInFolder) {
    this.folder = join(stateDir, "snapshots");
    this.contents = contents;
  }

  list(): SnapshotInfo[] {
    const names = this.entries().filter((entry) => entry.endsWith(SUFFIX));
    return names.map((entry) => infoOf(entry.slice(0, -SUFFIX.length), lstatSync(join(this.folder, entry)).mtimeMs)).sort(byName);
  }

  save(name: string, state: SavedState): void {
    createFolder(this.folder);
    const media = `media-${randomUUID()}`;
    const before = this.read(name)?.media;
    try {
      createFolder(join(this.folder, media));
      this.contents.copyTo(join(this.folder, media));
      const file: SavedFile = { ...state, media };
      writeAtomically(this.pathOf(name), JSON.stringify(file));
    } catch (error) {
      this.removeMedia(media);
      throw error;
    }
    if (before !== undefined) this.removeMedia(before);
  }

  load(name: string): Stored | undefined {
    const file = this.read(name);
    if (!file) return undefined;
    const { media, ...state } = file;
    const number = this.contents.number;
    return {
      state,
      stageMedia: () => {
        try {
          this.contents.stage(join(this.folder, media), number);
        } catch (error) {
          throw new StateNotWritten(`cannot restore the media of the snapshot ${name}: ${(error as Error).message}`);
        }
      },
      finishMedia: () => this.contents.removeOthers(),
    };
  }

  delete(name: string): boolean {
    const file = this.read(name);
    if (!file) return false;
    rmSync(this.pathOf(name));
    this.removeMedia(file.media);
    return true;
  }

  /** Removes what a process that was killed has left. */
  sweep(): void {
    const used = new Set(this.list().map(({ name }) => this.read(name)?.media));
    for (const entry of this.entries()) {
      const isLeftover = MEDIA_FOLDER.test(entry) ? !used.has(entry) : /\.json\.\d+\.tmp$/.test(entry);
      if (isLeftover) rmSync(join(this.folder, entry), { recursive: true, force: true });
    }
  }

  private entries(): string[] {
    if (!existsSync(this.folder)) return [];
    // Through a link, these would be the files of another program.
    createFolder(this.folder);
    return readdirSync(this.folder);
  }

  private pathOf(name: string): string {
    return join(this.folder, `${name}${SUFFIX}`);
  }

  private read(name: string): SavedFile | undefined {
    if (!this.entries().includes(`${name}${SUFFIX}`)) return undefined;
    const path = this.pathOf(name);
    const file = JSON.parse(readFileSync(path, "utf8")) as Partial<SavedFile>;
    if (file.version !== 1 || !MEDIA_FOLDER.test(file.media ?? "")) {
      throw new Error(`${path} was written by another version of the emulator, or is not a snapshot. Delete it.`);
    }
    return file as SavedFile;
  }

  private removeMedia(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}
