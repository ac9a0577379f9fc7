/** A URL without the parts that may be secret: credentials and the query. */
export function publicUrl(url: string): string {
  if (!URL.canParse(url)) return "not a URL";
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
