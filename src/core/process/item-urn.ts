/** The URN of an item, which only this package knows: the set's URN and the key. */
export const itemUrn = (setUrn: string, key: string): string => `${setUrn}["${key}"]`;

/** The key in the URN of an item, and the URN of its set; nothing for the URN of a resource. */
export function setOfUrn(urn: string): { readonly setUrn: string; readonly key: string } | undefined {
  const [, setUrn, key] = /^(.*)\["([^"]*)"\]$/s.exec(urn) ?? [];
  return setUrn === undefined || key === undefined ? undefined : { setUrn, key };
}
