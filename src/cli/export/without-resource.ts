import { TwilioError } from "../../core/twilio/errors";
import { inParallel } from "../in-parallel";
import type { FoundService, LeftOut } from "./account";
import type { Reader } from "./reader";

type List = Parameters<Reader["count"]>;

/** How much there is of what this package has no resource for. Of a single service without the account's SID. */
export async function withoutResource(read: Reader, services: readonly FoundService[], accountSid: string | undefined): Promise<LeftOut[]> {
  const why = "this package has no resource for them yet";
  /** That something cannot be counted, as with a key that may not, is no reason to fail. */
  async function counted(what: string, count: () => Promise<number[]>): Promise<LeftOut[]> {
    try {
      const sum = (await count()).reduce((all, one) => all + one, 0);
      return sum > 0 ? [{ what, count: sum, why }] : [];
    } catch (error) {
      if (!(error instanceof TwilioError) || error.status === 0 || error.status >= 500) throw error;
      return [{ what, why: `${why}; Twilio does not tell how many there are (${error.reason})` }];
    }
  }
  const lists = (what: string, all: readonly List[]) => counted(what, () => inParallel(all, (list) => read.count(...list)));
  /** Settings that are there always, and count where they call something. */
  const settings = (what: string, paths: readonly string[]) =>
    counted(what, () =>
      inParallel(paths, async (path) => {
        const found = Object.entries((await read.one("conversations", path)) ?? {});
        return found.some(([name, value]) => name.endsWith("webhook_url") && value) ? 1 : 0;
      }),
    );

  const inside = services.map(({ sid }) => `/v1/Services/${sid}`);
  const rooms = services.flatMap(({ sid, conversations }) => conversations.map((one) => `/v1/Services/${sid}/Conversations/${one.sid}`));
  const within = (paths: readonly string[], path: string, key: string) => paths.map((at): List => ["conversations", at + path, key]);
  const found = [
    ...(await lists("webhooks of conversations", within(rooms, "/Webhooks", "webhooks"))),
    ...(await settings(
      "webhook settings of services",
      inside.map((path) => `${path}/Configuration/Webhooks`),
    )),
    ...(await lists("roles", within(inside, "/Roles", "roles"))),
    ...(await lists("users", within(inside, "/Users", "users"))),
  ];
  if (accountSid === undefined) return found;
  return [
    ...found,
    ...(await settings("webhook settings of the account", ["/v1/Configuration/Webhooks"])),
    ...(await lists("address configurations", [["conversations", "/v1/Configuration/Addresses", "address_configurations"]])),
    ...(await lists("push credentials", [["conversations", "/v1/Credentials", "credentials"]])),
    ...(await lists("messaging services", [["messaging", "/v1/Services", "services"]])),
    ...(await lists("API keys", [["api", `/2010-04-01/Accounts/${accountSid}/Keys.json`, "keys"]])),
  ];
}
