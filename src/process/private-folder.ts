import { lstatSync, type Stats } from "node:fs";
import { makeFolders } from "./make-folders";

/** For the folder's owner only. */
const PRIVATE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/** Whether a file belongs to the user of this process. Without user ids, as on Windows, every file does. */
export const isOwn = ({ uid }: Stats): boolean => process.getuid === undefined || uid === process.getuid();

/**
 * Creates a folder that only this user can read, if there is none. Refuses a symbolic link: a repository may contain one that leads to the files of
 * another program.
 */
export function createFolder(path: string): void {
  try {
    makeFolders(path, PRIVATE);
  } catch (error) {
    // A link that leads nowhere.
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw error;
  }
  if (!lstatSync(path).isDirectory()) {
    throw new Error(`${path} must be a folder, but is a symbolic link. Remove the link, or name the folder that it leads to.`);
  }
}

/** Whether a folder is one in which no other user can create or replace files. */
export function isPrivateFolder(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && isOwn(stats) && (stats.mode & WRITABLE_BY_OTHERS) === 0;
}
