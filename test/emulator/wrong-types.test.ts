/** Sends each published parameter of each served operation with a value of the wrong type, enumeration or format. */
import { beforeEach, describe, expect, it } from "vitest";
import { PRODUCTS, routesOf } from "../../src/emulator/catalog";
import { Router } from "../../src/emulator/http/router";
import { authorizationOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { createWorld, type World } from "./support/every-object";
import { send } from "./support/http";
import { type PublishedParameter, publishedOperations, publishedParameters } from "./support/spec";

const twilio = useEmulator();

/** A value that no parameter of this type accepts. */
const WRONG: Record<string, string> = {
  boolean: "maybe",
  date: "yesterday",
  "date-time": "yesterday",
  email: "hello",
  enum: "wrong",
  "http-method": "FETCH",
  integer: "many",
  "iso-country-code": "Atlantis",
  json: "{",
  number: "many",
  pattern: "(no pattern!)",
  period: "soon",
  "phone-number": "no phone!",
  sid: "hello",
  uri: "no URL",
};

/** Parameters whose type is in their description only. */
const DESCRIBED: [name: RegExp, type: string][] = [
  [/Email\.Address$/, "email"],
  [/^Attributes$/, "json"],
  [/(^Timers\.|^Default\w+Timer$)/, "period"],
  [/WebhookUrl$|^Configuration\.Url$/, "uri"],
  [/^(Start|End)Date$/, "date"],
  [/Filters$|^(Configuration\.)?Method$|^(Permission|KeyType|Usecase)$/, "enum"],
  [/^(Participant|Policy)$/, "json"],
  [/^IsoCountryCode$/, "iso-country-code"],
  [/^(AlphaSender|Contains|NearLatLong)$/, "pattern"],
];

/** What the emulator accepts, as `METHOD path parameter`, with the reason. */
const ACCEPTED: [probe: RegExp, reason: string][] = [
  [/^GET .* (PhoneNumber|To|From)$/, "a filter: it is a pattern, or matches nothing"],
  [/ X-Twilio-Webhook-Enabled$/, "what is not `true` is the default: no webhook"],
];

/** Operations that refuse every request, with the reason. */
const REFUSES_ALL: Record<string, string> = {
  "POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{ResourceSid}/AssignedAddOns.json": "no add-on is installed",
  "POST /v1/Services/PreregisteredUsa2p": "campaigns are registered by hand",
  ...Object.fromEntries(
    ["MachineToMachine", "National", "SharedCost", "Voip"].map((type) => [
      `GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/${type}.json`,
      "no country has such numbers",
    ]),
  ),
};

interface Probe {
  product: string;
  method: string;
  path: string;
  parameter: PublishedParameter;
  type: string;
}

/** A page that does not exist is the first one: paging.test.ts. */
const isPaging = (name: string) => /^Page(Size|Token)?$/.test(name);

const typeOf = ({ name, type }: PublishedParameter): string | undefined =>
  isPaging(name) ? undefined : (type ?? DESCRIBED.find(([pattern]) => pattern.test(name))?.[1]);

function probes(): Probe[] {
  return PRODUCTS.flatMap((product) => {
    const router = new Router(routesOf(product));
    return publishedOperations(product)
      .filter(({ method, path }) => method !== "DELETE" && router.match(method, path.replace(/\{\w+\}/g, "x")).found)
      .flatMap(({ method, path }) =>
        publishedParameters(product, method, path).flatMap((parameter): Probe[] => {
          const type = typeOf(parameter);
          return type === undefined ? [] : [{ product, method, path, parameter, type }];
        }),
      );
  });
}

const nameOf = ({ method, path, parameter }: Probe) => `${method} ${path} ${parameter.name}`;

describe("a parameter of the wrong type", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(twilio);
  });

  async function call({ product, method, path }: Probe, parameters: Record<string, string>, more: Record<string, string> = {}) {
    const headers = { authorization: authorizationOf(twilio.emulator), "content-type": "application/x-www-form-urlencoded", ...more };
    const encoded = new URLSearchParams(parameters).toString();
    const url = `/${product}.twilio.com${world.pathOf(product, path)}`;
    if (method === "POST") return send(twilio.emulator.url, { method, path: url, headers, body: encoded });
    return send(twilio.emulator.url, { method, path: `${url}?${encoded}`, headers });
  }

  it("is refused with Twilio's error, by every operation", async () => {
    const found = probes().filter(({ method, path }) => !(`${method} ${path}` in REFUSES_ALL));
    expect(found.length).toBeGreaterThan(500);
    const accepted: string[] = [];
    const malformed: string[] = [];
    for (const probe of found) {
      const wrong = WRONG[probe.type];
      if (wrong === undefined) expect.unreachable(`no wrong value of ${nameOf(probe)}, which is a ${probe.type}`);
      const sent = { [probe.parameter.name]: wrong };
      const isHeader = probe.parameter.in === "header";
      const form = { ...world.formOf(probe.product, probe.method, probe.path), ...(isHeader ? {} : sent) };
      const { status, json } = await call(probe, form, isHeader ? sent : {});
      const name = `${nameOf(probe)}=${wrong}: ${status}`;
      if (status < 300) accepted.push(nameOf(probe));
      else {
        const { code, message, more_info } = json as { code: number; message: string; more_info: string };
        const isError = status >= 400 && status < 500 && code > 10_000 && message !== "" && more_info.endsWith(`/${code}`);
        // The object in the path exists, and the request is allowed.
        if (!isError || code === 20404 || code === 20003) malformed.push(`${name} ${JSON.stringify(json)}`);
      }
    }
    expect(malformed).toEqual([]);
    expect(accepted.filter((name) => !ACCEPTED.some(([pattern]) => pattern.test(name)))).toEqual([]);
    const unused = ACCEPTED.filter(([pattern]) => !accepted.some((name) => pattern.test(name)));
    expect(unused).toEqual([]);
  });

  it("is the only reason: the same requests without it are accepted", async () => {
    const operations = new Map(probes().map((probe) => [`${probe.method} ${probe.path}`, probe]));
    const refused: string[] = [];
    for (const probe of operations.values()) {
      const { status, text } = await call(probe, world.formOf(probe.product, probe.method, probe.path));
      const name = `${probe.method} ${probe.path}`;
      if (status < 300 === name in REFUSES_ALL) refused.push(`${name}: ${status} ${text}`);
    }
    expect(refused).toEqual([]);
  });
});
