/**
 * `GET /_emulator/curl`: the command that repeats a request or a webhook. Credentials are variables of the shell. All other values come from users
 * and clients: they are encoded, so that no shell and no terminal takes them for something else.
 */
import { redactKnown, withoutSecrets } from "../record/secrets";
import { signedText } from "../webhooks/signature";
import { type ControlCall, ControlError } from "./call";
import type { LoggedRequest } from "./history";
import { deliveryWith } from "./webhooks";

/** `?requestSid=RQ…` or `?deliveryId=`, that of a delivery in the log of webhooks. */
export function curl(call: ControlCall): { curl: string } {
  const [requestSid, deliveryId] = [call.query.get("requestSid"), call.query.get("deliveryId")];
  if (requestSid) return { curl: requestCommand(call, requestSid) };
  if (deliveryId) return { curl: webhookCommand(call, deliveryId) };
  throw new ControlError(400, "requestSid or deliveryId is required");
}

function requestCommand({ context: { history, domain } }: ControlCall, sid: string): string {
  const requests = history.requests().map(({ data }) => (data as { request: LoggedRequest }).request);
  const request = requests.find((entry) => entry.sid === sid);
  if (!request) throw new ControlError(404, `the log has no request ${sid}. It has the last 500`);
  const sent = history.sentWith(request);
  if (!sent)
    throw new ControlError(
      400,
      "there is no command for this request: it is too long, is no form, or came over the connection of the chat SDK",
    );
  const form = redactKnown(domain, withoutSecrets(sent.form));
  const isQuery = request.method === "GET" || request.method === "DELETE";
  const url = `"$TWILIO_BASE_URL"${quoted(`/${request.host}${request.path}`)}`;
  return [
    `curl -X ${request.method} -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" ${url}`,
    ...(sent.webhooksEnabled ? [`-H "X-Twilio-Webhook-Enabled: true"`] : []),
    ...(isQuery && form !== "" ? ["--get"] : []),
    ...[...new URLSearchParams(form)].map(([name, value]) => parameter(name, value)),
  ].join(" \\\n  ");
}

function webhookCommand({ context }: ControlCall, id: string): string {
  const { url: logged, method, parameters, target } = deliveryWith(context, id);
  if (logged === null || target !== "webhook") throw new ControlError(400, `delivery ${id} was not sent, so there is no command for it`);
  const url = new URL(logged);
  const user = decodeURIComponent(url.username);
  Object.assign(url, { username: "", password: "", hash: "" });
  const isForm = method === "POST";
  if (!isForm) url.search = new URLSearchParams([...new URLSearchParams(url.search), ...Object.entries(parameters)]).toString();
  const text = octal(signedText(url.href, isForm ? parameters : {}));
  const signature = `$(printf '${text}' | openssl dgst -sha1 -hmac "$TWILIO_AUTH_TOKEN" -binary | base64)`;
  return [
    `curl -X ${method} ${quoted(url.href)}`,
    ...(user === "" ? [] : [`-u ${quoted(user)}":$WEBHOOK_PASSWORD"`]),
    `-H "X-Twilio-Signature: ${signature}"`,
    ...(isForm ? Object.entries(parameters).map(([name, value]) => parameter(name, value)) : []),
  ].join(" \\\n  ");
}

/** Names that {@link withoutSecrets} masks become variables. */
function parameter(name: string, value: string): string {
  if (value === "***" && /^\w+$/.test(name))
    return `--data-urlencode "${name}=$${name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase()}"`;
  const isPlain = /^[\x20-\x7e]*$/.test(value) && !value.includes("'") && /^[\w.<>-]+$/.test(name);
  return isPlain ? `--data-urlencode '${name}=${value}'` : `--data '${new URLSearchParams([[name, value]])}'`;
}

/** In quotes of the shell. The text is a part of a URL, so that everything else can be escaped as there. */
const quoted = (text: string): string =>
  `'${Array.from(Buffer.from(text), (byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x27 ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0").toUpperCase()}`)).join("")}'`;

/** For `printf`: every byte that it, the shell or a terminal could interpret as an octal number. */
const octal = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => {
    const char = String.fromCharCode(byte);
    return /[\w .,:;/+=?&@-]/.test(char) && byte < 0x7f ? char : `\\${byte.toString(8).padStart(3, "0")}`;
  }).join("");
