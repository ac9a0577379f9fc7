/** The content of media: files in the state folder, or in memory if there is no folder. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder } from "../process/private-folder";

export interface MediaContents {
  put(sid: string, content: Buffer): void;
  get(sid: string): Buffer | undefined;
  delete(sid: string): void;
  /** Removes content without a record. A process that was killed may have left some. */
  sweep(isKnown: (sid: string) => boolean): void;
}

/** Lost when the process ends. */
export class ContentsInMemory implements MediaContents {
  private readonly contents = new Map<string, Buffer>();

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

/** One file per media, named after its SID. */
export class ContentsInFolder implements MediaContents {
  private readonly folder: string;

  constructor(stateDir: string) {
    this.folder = join(stateDir, "media");
  }

  put(sid: string, content: Buffer): void {
    createFolder(this.folder);
    rmSync(join(this.folder, sid), { force: true });
    writeFileSync(join(this.folder, sid), content, { mode: 0o600, flag: "wx" });
  }

  get(sid: string): Buffer | undefined {
    const path = join(this.folder, sid);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  delete(sid: string): void {
    rmSync(join(this.folder, sid), { force: true });
  }

  sweep(isKnown: (sid: string) => boolean): void {
    if (!existsSync(this.folder)) return;
    // Through a link, this would delete the files of another folder.
    createFolder(this.folder);
    for (const sid of readdirSync(this.folder)) if (!isKnown(sid)) this.delete(sid);
  }
}
