/** The environment variables that direct clients to the proxy. */
import { join } from "node:path";
import type { TrustFiles } from "./authority";
import { TRUST_STORE_PASSWORD } from "./trust-files";

// The compiled file, also when tests run the sources.
const NODE_HOOK = join(__dirname, "../../../dist/emulator/proxy/node-hook.js");
const OWN_HOSTS = ["localhost", "127.0.0.1", "::1"];

/** The variables for the proxy at a URL. `present` are those that the client has so far. */
export function environmentOf(url: string, files: TrustFiles, present: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const { hostname, port } = new URL(url);
  const direct = directHosts(present);
  const java = [
    `-Dhttps.proxyHost=${hostname}`,
    `-Dhttps.proxyPort=${port}`,
    `-Djavax.net.ssl.trustStore="${files.trustStore}"`,
    "-Djavax.net.ssl.trustStoreType=jks",
    `-Djavax.net.ssl.trustStorePassword=${TRUST_STORE_PASSWORD}`,
  ];
  return {
    HTTPS_PROXY: url,
    https_proxy: url,
    // twilio-node and twilio-cli read no other.
    HTTP_PROXY: url,
    NO_PROXY: direct,
    no_proxy: direct,
    // Not NODE_USE_ENV_PROXY: with it, Node.js could not reach other hosts, and websockets would still not use the proxy.
    NODE_OPTIONS: added(present.NODE_OPTIONS, `--require ${JSON.stringify(NODE_HOOK)}`),
    NODE_EXTRA_CA_CERTS: files.bundle,
    SSL_CERT_FILE: files.bundle,
    REQUESTS_CA_BUNDLE: files.bundle,
    CURL_CA_BUNDLE: files.bundle,
    JAVA_TOOL_OPTIONS: added(present.JAVA_TOOL_OPTIONS, ...java),
  };
}

/** Options after those that a variable has. */
const added = (present: string | undefined, ...more: readonly string[]): string => [...(present ? [present] : []), ...more].join(" ");

/** The hosts that clients reach directly: this machine, and those that they reached directly before, except Twilio's. */
function directHosts({ NO_PROXY, no_proxy }: NodeJS.ProcessEnv): string {
  const known = (NO_PROXY ?? no_proxy ?? "").split(/[\s,]+/).filter((host) => host !== "" && host !== "*");
  const isTwilio = (host: string) => /^[*.]*(([^.]+\.)*twilio\.)?com(:\d+)?$/i.test(host);
  return [...new Set([...OWN_HOSTS, ...known.filter((host) => !isTwilio(host))])].join(",");
}
