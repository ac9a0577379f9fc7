import { area, type Entry } from "../fact";
import { type Certainty, NotRun } from "../terms";

type Meta = Record<string, unknown>;

/** The key of the items in a list. */
const key = (path: string, name: string): Entry => ({
  id: `key-of-${path
    .replace(/^\w+:/, "")
    .replace(/\/v1\/|\.json|^\//g, "")
    .replaceAll("/", "-")
    .toLowerCase()}${path.startsWith("messaging") ? "-messaging" : ""}`,
  says: `The items of ${path} are under ${name}`,
  certainty: "specified",
  needs: "read",
  check: async (lab) => lab.keys((await lab.get(path, { PageSize: "1" })).body, name),
});

/** The page size of a v1 list, for a requested one. */
const size = (id: string, says: string, certainty: Certainty, path: string, asked: string | undefined, actual: number): Entry => ({
  id,
  says,
  certainty,
  needs: path.includes("{") ? "write" : "read",
  check: async (lab) => {
    const { body } = await lab.get(path, asked === undefined ? {} : { PageSize: asked });
    lab.expect("page_size", (body.meta as Meta | undefined)?.page_size ?? body.page_size, actual);
  },
});

/** How lists are divided into pages. */
export const pagingFacts = area("paging", "usage/twilios-response", [
  key("/v1/Services", "services"),
  key("/v1/Conversations", "conversations"),
  key("/v1/Users", "users"),
  key("/v1/Roles", "roles"),
  key("/v1/Credentials", "credentials"),
  key("/v1/Configuration/Addresses", "address_configurations"),
  key("messaging:/v1/Services", "services"),
  key("api:/IncomingPhoneNumbers.json", "incoming_phone_numbers"),
  key("api:/Applications.json", "applications"),
  key("api:/Messages.json", "messages"),
  key("api:/Addresses.json", "addresses"),
  key("api:/SMS/ShortCodes.json", "short_codes"),
  key("api:/OutgoingCallerIds.json", "outgoing_caller_ids"),
  {
    id: "v1-meta",
    says: "A v1 list has its pages under meta: page, page_size, first_page_url, previous_page_url, url, next_page_url, key",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const meta = (await lab.get("/v1/Services", { PageSize: "1" })).body.meta as Meta;
      lab.keys(meta, "page", "page_size", "first_page_url", "previous_page_url", "url", "next_page_url", "key");
      lab.has(meta, { page: 0, page_size: 1, key: "services", previous_page_url: null });
    },
  },
  {
    id: "2010-properties",
    says: "A 2010 list has its pages beside the items, and URIs without a host",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const { body } = await lab.get("api:/IncomingPhoneNumbers.json");
      lab.keys(body, "page", "page_size", "start", "end", "uri", "first_page_uri", "next_page_uri", "previous_page_uri");
      lab.expect("first_page_uri", body.first_page_uri, /^\/2010-04-01\/Accounts\/AC[0-9a-f]{32}\/IncomingPhoneNumbers\.json\?/);
    },
  },
  size("default-services", "A page of services has 50 items by default", "specified", "/v1/Services", undefined, 50),
  size("default-conversations", "A page of conversations has 50 items by default", "specified", "/v1/Conversations", undefined, 50),
  size("default-users", "A page of users has 50 items by default", "specified", "/v1/Users", undefined, 50),
  size("default-webhooks", "A page of a conversation's webhooks has 5 items", "specified", "{conversation}/Webhooks", undefined, 5),
  size("default-messaging", "A page of messaging services has 50 items by default", "specified", "messaging:/v1/Services", undefined, 50),
  size("default-2010", "A page of the 2010 API has 50 items by default", "specified", "api:/Messages.json", undefined, 50),
  size("most-messaging", "A page of messaging services has at most 1000 items", "specified", "messaging:/v1/Services", "1000", 1000),
  size("most-2010", "A page of the 2010 API has at most 1000 items", "specified", "api:/Messages.json", "1000", 1000),
  size("above-services", "A page size above the maximum returns the maximum: 100 services", "inferred", "/v1/Services", "1000", 100),
  size("above-users", "A page size above the maximum returns the maximum: 50 users", "inferred", "/v1/Users", "1000", 50),
  size("no-number", "A page size that is no number is ignored", "inferred", "/v1/Services", "x", 50),
  {
    id: "token",
    says: "The next page of a v1 list has the token PA and the SID of the last item",
    certainty: "observed",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.get("{service}/Roles", { PageSize: "1" });
      const [role] = body.roles as { sid: string }[];
      lab.expect("next_page_url", (body.meta as Meta).next_page_url, new RegExp(`[?&]PageToken=PA${role?.sid}(&|$)`));
    },
  },
  {
    id: "walk",
    says: "The pages of a list have each item once, and the last one has no next page",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const service = await lab.resolve("{service}");
      const { body } = await lab.get(`${service}/Roles`);
      const all = (body.roles as { sid: string }[]).map(({ sid }) => sid);
      if (all.length < 2) throw new NotRun("the service has less than two roles");
      const walked: string[] = [];
      for (let path: string | null = `${service}/Roles?PageSize=1`; path !== null && walked.length <= all.length; ) {
        const page = (await lab.get(path)).body;
        walked.push(...(page.roles as { sid: string }[]).map(({ sid }) => sid));
        const next = (page.meta as Meta).next_page_url as string | null;
        path = next === null ? null : new URL(next).pathname + new URL(next).search;
      }
      lab.expect("the items of all pages", walked, all);
    },
  },
]);
