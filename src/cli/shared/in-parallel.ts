/** How many things a command does at once; how many requests that may be is the transport's to say. */
const AT_ONCE = 16;

/** Does a task for each item, several at once, and gives the results in the items' order. After a failure no further one is begun. */
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
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}
