/** Counts the SDK connections of each user. Not stored, because a restart disconnects everyone. */
export class Presence {
  private readonly connections = new Map<string, number>();

  /** The SIDs of all users with a connection. */
  online(): string[] {
    return [...this.connections.keys()];
  }

  isOnline({ sid }: { sid: string }): boolean {
    return this.connections.has(sid);
  }

  /** Counts a connection. Returns whether it is the user's first. */
  connect({ sid }: { sid: string }): boolean {
    const count = this.connections.get(sid) ?? 0;
    this.connections.set(sid, count + 1);
    return count === 0;
  }

  /** Returns whether it was the user's last connection. */
  disconnect({ sid }: { sid: string }): boolean {
    const count = (this.connections.get(sid) ?? 1) - 1;
    if (count > 0) this.connections.set(sid, count);
    else this.connections.delete(sid);
    return count === 0;
  }
}
