/** How many tasks a command runs at once; the transport limits the requests. */
const MAX_PARALLEL = 16;

/** Runs a task for each item, several at once, and returns the results in the items' order. After a failure, no further task starts. */
export async function inParallel<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  async function work(): Promise<void> {
    while (!failed && next < items.length) {
      const index = next;
      next += 1;
      try {
        results[index] = await task(items[index] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: MAX_PARALLEL }, work));
  return results;
}
