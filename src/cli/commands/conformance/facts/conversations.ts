import { area, docs, refusal } from "../fact";
import { absent } from "../terms";

const PATH = "/v1/Conversations";
const STATES = docs("conversations/states-timers");

/** Conversations: create, read, update, delete. */
export const conversationFacts = area("conversations", "conversations/api/conversation-resource", [
  {
    id: "create",
    says: "A new conversation is active, and has no names, timers and bindings",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post("{service}/Conversations");
      lab.status(answer, 201);
      lab.has(answer.body, { state: "active", attributes: "{}", friendly_name: null, unique_name: null, timers: {}, bindings: {} });
    },
  },
  {
    id: "links",
    says: "A conversation links participants, messages, webhooks and export",
    certainty: "specified",
    needs: "write",
    check: async (lab) => lab.keys((await lab.conversation()).body.links, "participants", "messages", "webhooks", "export"),
  },
  {
    id: "default-messaging-service",
    says: "A conversation gets the account's default messaging service",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { default_messaging_service_sid: sid } = (await lab.get("/v1/Configuration")).body;
      lab.has((await lab.conversation()).body, { messaging_service_sid: sid });
    },
  },
  {
    id: "by-unique-name",
    says: "A conversation is found by its unique name",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { sid } = await lab.conversation({ UniqueName: "by-unique-name" });
      lab.has((await lab.get("{service}/Conversations/by-unique-name")).body, { sid });
    },
  },
  {
    id: "unique-name-taken",
    says: "A second conversation with the same unique name is refused (409, 50353)",
    certainty: "observed",
    needs: "write",
    source: docs("errors/50353"),
    check: async (lab) => {
      await lab.conversation({ UniqueName: "taken" });
      await lab.refuses({ code: 50353, status: 409, path: "{service}/Conversations", form: { UniqueName: "taken" } });
    },
  },
  {
    id: "unique-name-text",
    says: "The text of that error is: Conversation with provided unique name already exists",
    certainty: "observed",
    needs: "write",
    source: docs("errors/50353"),
    check: async (lab) => {
      await lab.conversation({ UniqueName: "taken-text" });
      const { body } = await lab.post("{service}/Conversations", { UniqueName: "taken-text" });
      lab.has(body, { message: "Conversation with provided unique name already exists" });
    },
  },
  {
    id: "update-names",
    says: "Names and attributes can be updated (200)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post("{conversation}", { UniqueName: "renamed", FriendlyName: "x", Attributes: '{"a":1}' });
      lab.status(answer, 200);
      lab.has(answer.body, { unique_name: "renamed", friendly_name: "x", attributes: '{"a":1}' });
    },
  },
  {
    id: "delete",
    says: "The delete of a conversation returns 204; then it is not found",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(path), 404);
    },
  },
  {
    id: "filter-state",
    says: "A list can be filtered by state",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { sid } = await lab.conversation({ State: "inactive" });
      const { body } = await lab.get("{service}/Conversations", { State: "inactive", PageSize: "100" });
      const found = body.conversations as { sid: string; state: string }[];
      lab.expect("states", [...new Set(found.map(({ state }) => state))], ["inactive"]);
      lab.expect(
        "whether it is listed",
        found.some((one) => one.sid === sid),
        true,
      );
    },
  },
  {
    id: "no-filter-unique-name",
    says: "A list ignores a filter by unique name",
    certainty: "observed",
    needs: "write",
    check: async (lab) => {
      await lab.conversation();
      const { body } = await lab.get("{service}/Conversations", { UniqueName: "nobody-has-this-name" });
      lab.expect("whether conversations are listed", (body.conversations as unknown[]).length > 0, true);
    },
  },
  {
    id: "import-date",
    says: "A conversation can be created with a date of the past",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const date = "2020-01-02T03:04:05Z";
      lab.has((await lab.conversation({ DateCreated: date })).body, { date_created: date });
    },
  },
  {
    id: "timers-are-dates",
    says: "The timers of a conversation are returned as dates, not as durations",
    certainty: "specified",
    needs: "write",
    source: STATES,
    check: async (lab) => {
      const { body } = await lab.conversation({ State: "active", "Timers.Inactive": "PT5M", "Timers.Closed": "PT20M" });
      const timers = body.timers as Record<string, string>;
      for (const name of ["date_inactive", "date_closed"]) lab.expect(name, timers[name], /^\d{4}-\d\d-\d\dT/);
      lab.expect("properties of timers", Object.keys(timers).sort(), ["date_closed", "date_inactive"]);
    },
  },
  {
    id: "timer-from-now",
    says: "A timer begins when the conversation is created",
    certainty: "documented",
    needs: "write",
    source: STATES,
    check: async (lab) => {
      const { body } = await lab.conversation({ State: "active", "Timers.Inactive": "PT5M" });
      const { date_inactive: date } = body.timers as Record<string, string>;
      const seconds = (Date.parse(String(date)) - Date.parse(String(body.date_created))) / 1000;
      lab.expect("whether it ends in 300 s, give or take 2", Math.abs(seconds - 300) <= 2, true);
    },
  },
  refusal({
    id: "name-too-long",
    code: 50003,
    says: "A friendly name has at most 256 characters",
    path: PATH,
    form: { FriendlyName: "x".repeat(257) },
  }),
  refusal({
    id: "unique-name-too-long",
    code: 50004,
    certainty: "inferred",
    says: "A unique name has at most 256 characters",
    path: PATH,
    form: { UniqueName: "x".repeat(257) },
  }),
  refusal({
    id: "unique-name-sid",
    code: 50390,
    says: "A unique name must not look like a SID",
    path: PATH,
    form: { UniqueName: absent("CH") },
  }),
  refusal({ id: "attributes-not-json", code: 50304, says: "Attributes must be JSON", path: PATH, form: { Attributes: "{" } }),
  refusal({
    id: "attributes-too-long",
    code: 50303,
    says: "Attributes have at most 16 KB",
    path: PATH,
    form: { Attributes: JSON.stringify("x".repeat(17_000)) },
  }),
  refusal({ id: "bad-date", code: 50308, says: "A date of creation must be a date", path: PATH, form: { DateCreated: "yesterday" } }),
  refusal({
    id: "messaging-service-invalid",
    code: 50341,
    says: "A messaging service must be an MG",
    path: PATH,
    form: { MessagingServiceSid: "MG1" },
  }),
  refusal({
    id: "messaging-service-foreign",
    code: 50342,
    says: "A messaging service must belong to the account",
    path: PATH,
    form: { MessagingServiceSid: absent("MG") },
  }),
  refusal({
    id: "end-before-start",
    code: 50396,
    says: "A list ends after it starts",
    method: "GET",
    path: PATH,
    form: { StartDate: "2024-02-02", EndDate: "2024-01-01" },
  }),
  {
    id: "list-newest-first",
    says: "A list by dates has the newest conversations first",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      for (const DateCreated of ["2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z"]) await lab.conversation({ DateCreated });
      const { body } = await lab.get("{service}/Conversations", { StartDate: "2020-01-01", EndDate: "2020-01-04" });
      const dates = (body.conversations as { date_created: string }[]).map((one) => one.date_created);
      lab.expect("dates", dates, [...dates].sort().reverse());
      lab.expect("whether there are at least two", dates.length >= 2, true);
    },
  },
  refusal({ id: "empty-update", code: 20161, says: "An update needs a parameter", path: "{conversation}" }),
  refusal({
    id: "unknown",
    code: 20404,
    status: 404,
    says: "An unknown conversation is not found",
    method: "GET",
    path: `${PATH}/${absent("CH")}`,
  }),
  refusal({
    id: "create-in-unknown-service",
    code: 20404,
    status: 404,
    says: "A conversation cannot be created in an unknown service",
    certainty: "inferred",
    path: `/v1/Services/${absent("IS")}/Conversations`,
  }),
]);
