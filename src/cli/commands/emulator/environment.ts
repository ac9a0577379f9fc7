import type { Emulator } from "../../../emulator";

/** Lines for a shell that set these variables for the programs that it starts. */
export const exportLines = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `  export ${name}=${quoted(value)}\n`)
    .join("");

const quoted = (value: string): string => (/^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);

/** Which clients read which variables of the proxy, as `emulator --proxy` lists them. */
const CLIENTS: readonly (readonly [clients: string, variables: readonly string[]])[] = [
  ["all clients", ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"]],
  ["Node.js, twilio-node, twilio-cli", ["HTTP_PROXY", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS"]],
  ["Python", ["REQUESTS_CA_BUNDLE"]],
  ["Go and Terraform on Linux, Python, Ruby, OpenSSL", ["SSL_CERT_FILE"]],
  ["curl", ["CURL_CA_BUNDLE"]],
  ["Java", ["JAVA_TOOL_OPTIONS"]],
];

/** How each client reaches the emulator under Twilio's own host names. */
export function proxyLines({ url, proxy }: Emulator): string {
  if (proxy === undefined) return "";
  const blocks = CLIENTS.map(([clients, names]) => {
    const variables = Object.fromEntries(names.map((name) => [name, proxy.environment[name] ?? ""]));
    return `  # ${clients}\n${exportLines(variables)}`;
  });
  return `
Proxy for unchanged clients of https://*.twilio.com. It refuses other hosts: name them in NO_PROXY.

${blocks.join("")}
Browsers: use the proxy ${new URL(url).host} for *.twilio.com, and trust the authority in
${proxy.certificate}
`;
}
