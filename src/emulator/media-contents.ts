/** The content of media: files in the state folder, or in memory if there is no folder. */
import { copyFileSync, existsSync, linkSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../process/private-folder";
import type { Domain } from "./domain";

export interface MediaContents {
  put(sid: string, content: Buffer): void;
  get(sid: string): Buffer | undefined;
  delete(sid: string): void;
  /** Removes content without a record. A process that was killed may have left some. */
  sweep(isKnown: (sid: string) => boolean): void;
}

/** Lost when the process ends. */
export class ContentsInMemory implements MediaContents {
  private contents = new Map<string, Buffer>();

  /** A copy that later changes do not affect. */
  copy(): ReadonlyMap<string, Buffer> {
    return new Map(this.contents);
  }

  replace(contents: ReadonlyMap<string, Buffer>): void {
    this.contents = new Map(contents);
  }

  put(sid: string, content: Buffer): void {
    this.contents.set(sid, content);
  }

  get(sid: string): Buffer | undefined {
    return this.contents.get(sid);
  }

  delete(sid: string): void {
    this.contents.delete(sid);
  }

  sweep(isKnown: (sid: string) => boolean): void {
    for (const sid of this.contents.keys()) if (!isKnown(sid)) this.delete(sid);
  }
}

/** The setting with the number of the folder that is in use. */
const NUMBER = "media-folder";

/**
 * One file per media, named after its SID. A restored snapshot brings a folder of its own, whose number becomes valid together with the restored rows:
 * the same SID may have had another content before. A file never changes, so folders can share it.
 */
export class ContentsInFolder implements MediaContents {
  private readonly stateDir: string;
  private readonly domain: Domain;

  constructor(stateDir: string, domain: Domain) {
    this.stateDir = stateDir;
    this.domain = domain;
  }

  private folder(number = this.domain.setting(NUMBER)): string {
    return join(this.stateDir, number === 0 ? "media" : `media-${number}`);
  }

  put(sid: string, content: Buffer): void {
    createFolder(this.folder());
    rmSync(join(this.folder(), sid), { force: true });
    writeFileSync(join(this.folder(), sid), content, { mode: 0o600, flag: "wx" });
  }

  get(sid: string): Buffer | undefined {
    const path = join(this.folder(), sid);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  delete(sid: string): void {
    rmSync(join(this.folder(), sid), { force: true });
  }

  sweep(isKnown: (sid: string) => boolean): void {
    this.removeOthers();
    if (!existsSync(this.folder())) return;
    // Through a link, this would delete the files of another folder.
    createFolder(this.folder());
    for (const sid of readdirSync(this.folder())) if (!isKnown(sid)) this.delete(sid);
  }

  /** Copies all files to another folder. */
  copyTo(target: string): void {
    if (existsSync(this.folder())) copyFiles(this.folder(), target);
  }

  /** Prepares the files of a restored snapshot. Call it in the transaction that restores the rows, with the number before that. */
  stage(source: string, before: number): void {
    const number = before + 1;
    rmSync(this.folder(number), { recursive: true, force: true });
    copyFiles(source, this.folder(number));
    this.domain.set(NUMBER, number);
  }

  /** The number of the folder that is in use. */
  get number(): number {
    return this.domain.setting(NUMBER);
  }

  /** Removes the folders that are not in use. */
  removeOthers(): void {
    for (const name of readdirSync(this.stateDir)) {
      const path = join(this.stateDir, name);
      if (/^media(-\d+)?$/.test(name) && path !== this.folder()) rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Files are linked, because that takes no time and no space. A file system without hard links gets copies. */
function copyFiles(source: string, target: string): void {
  createFolder(source);
  createFolder(target);
  for (const name of readdirSync(source)) {
    const [from, to] = [join(source, name), join(target, name)];
    if (!lstatSync(from).isFile()) continue;
    try {
      linkSync(from, to);
    } catch {
      copyFileSync(from, to);
    }
  }
}
