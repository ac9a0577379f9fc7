import { byName } from "../../core/process/redact";
import { kebab } from "./kebab";

const word = /(^|[^a-z])(secret|token|password|passwd|credential|signature|sig|api-?key|auth)s?($|[^a-z])/;

/** Whether a property or parameter with this name holds a secret. */
export const isSecretName = (name: string): boolean => word.test(kebab(name));

/** The text with each URL in it masked that contains credentials or a secret parameter, as in a value or in a sentence. */
export const maskSecretUrls = (text: string, mask = "[secret]"): string =>
  text.replace(/https?:\/\/[^\s"'`<>\\]+/gi, (url) => (isSecretUrl(url) ? mask : url));

/** Whether a text is a URL that contains credentials or a secret parameter. */
export function isSecretUrl(text: string): boolean {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return false;
  const { username, password, searchParams } = new URL(text);
  return username !== "" || password !== "" || [...searchParams.keys()].some(isSecretName) || byName(text) !== text;
}
