/** The environment variables that decide how requests reach Twilio. */
const routeVariables = ["HTTP_PROXY", "HTTPS_PROXY", "NODE_EXTRA_CA_CERTS", "TWILIO_CA_BUNDLE"] as const;

/** The environment variables that decide how requests reach Twilio, where they are set, without the credentials of a proxy. */
export function routeOf(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(routeVariables.flatMap((name) => (env[name] ? [[name, env[name].replace(/\/\/[^/]*@/, "//…@")]] : [])));
}

interface RouteSettings {
  readonly baseUrl?: string;
  readonly route?: Readonly<Record<string, string>>;
}

/** What to do about a request that has no response: what to check, and the settings that decide how it travels. */
export function routeAdvice(isUntrusted: boolean, host: string, { baseUrl, route = {} }: RouteSettings): string {
  const check = isUntrusted
    ? `the certificate of ${host} must be signed by a CA that this machine trusts. If a proxy of your network signs it, set NODE_EXTRA_CA_CERTS to the file of its CA`
    : `check that this machine resolves and reaches ${host}`;
  const proxy = route.HTTP_PROXY === undefined && route.HTTPS_PROXY !== undefined ? "; HTTPS_PROXY is not used, set HTTP_PROXY" : "";
  const settings = [
    baseUrl === undefined ? "twilio:baseUrl and TWILIO_BASE_URL: not set" : `base URL (twilio:baseUrl, TWILIO_BASE_URL): ${baseUrl}`,
    ...routeVariables.filter((name) => name !== "TWILIO_CA_BUNDLE" || route[name]).map((name) => `${name}: ${route[name] ?? "not set"}`),
  ];
  return `${check}${proxy}. In use: ${settings.join("; ")}.`;
}
