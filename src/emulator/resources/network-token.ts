/** Tokens of Twilio's network traversal service: STUN and TURN servers. The emulator has no such servers, so the credentials are of no use. */
import { rfc2822Date } from "../dates";
import type { Scope } from "../domain";
import { invalidParameter } from "../errors";
import type { Params } from "../http/params";
import { created } from "../http/router";
import { hex32 } from "../sid";
import { inAccount } from "./account";
import type { Endpoints } from "./endpoints";

const DEFAULT_TTL_S = 86_400;
const TURN = ["3478?transport=udp", "3478?transport=tcp", "443?transport=tcp"];

function tokenBody({ domain, accountSid }: Scope, params: Params) {
  const ttl = params.integer("Ttl") ?? DEFAULT_TTL_S;
  if (ttl < 1) throw invalidParameter("Ttl", String(ttl));
  const now = domain.now();
  const [username, password] = ["ice-user", "ice-password"].map((name) => hex32(domain.credentials.seed, name, accountSid, now));
  const date = rfc2822Date(now);
  return {
    account_sid: accountSid,
    username,
    password,
    ttl: String(ttl),
    ice_servers: [
      { url: "stun:global.stun.twilio.com:3478", urls: "stun:global.stun.twilio.com:3478" },
      ...TURN.map((end) => `turn:global.turn.twilio.com:${end}`).map((url) => ({ url, urls: url, username, credential: password })),
    ],
    date_created: date,
    date_updated: date,
  };
}

export const networkTokenEndpoints: Endpoints = {
  routes: { api: inAccount.route("POST", "/Tokens.json", ({ scope, params }) => created(tokenBody(scope, params))) },
};
