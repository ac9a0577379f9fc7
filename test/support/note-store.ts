import type { NoteStore } from "../../src/core/process/notes";

/** A store of notes in memory. Stores of the same map share their notes. */
export function noteStoreOf(notes = new Map<string, string>()): NoteStore {
  return {
    read: (key) => (notes.has(key) ? JSON.parse(notes.get(key) as string) : undefined),
    write: (key, value) => Boolean(notes.set(key, JSON.stringify(value))),
    remove: (key) => void notes.delete(key),
    all: () => [...notes.values()].map((note) => JSON.parse(note)),
  };
}
