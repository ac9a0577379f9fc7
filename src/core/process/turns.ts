/** Runs tasks of one key one after the other, where Twilio refuses two writes at once; tasks with an empty key run at once. */
export function takingTurns() {
  const turns = new Map<string, Promise<unknown>>();
  return <T>(key: string, task: () => Promise<T>): Promise<T> => {
    if (key === "") return task();
    const turn = (turns.get(key) ?? Promise.resolve()).then(task, task);
    turns.set(key, turn);
    return turn;
  };
}
