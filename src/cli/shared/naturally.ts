const collator = new Intl.Collator("en", { numeric: true });

/** Compares two texts as people sort them: `room 5` comes before `room 15`. */
export const naturally = (a: string, b: string): number => collator.compare(a, b);
