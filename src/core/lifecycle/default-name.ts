/** Whether a name is one that this package generates: the resource's name and a digest of its URN. */
export const isDefaultName = (name: unknown): boolean => typeof name === "string" && /~[0-9a-f]{7}$/.test(name);
