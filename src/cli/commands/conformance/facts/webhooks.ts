import { area, docs, refusal } from "../fact";
import type { Lab } from "../lab";
import type { Form } from "../terms";

const PATH = "{conversation}/Webhooks";
const URL = "https://example.com/hook";

const webhook = (form: Record<string, string> = {}): Form => ({
  Target: "webhook",
  "Configuration.Url": URL,
  "Configuration.Filters": "onMessageAdded",
  ...form,
});

/** Webhooks of a conversation. No request of a run calls one. */
export const webhookFacts = area("webhooks", "conversations/api/conversation-scoped-webhook-resource", [
  {
    id: "create",
    says: "A webhook is returned with its URL and filters (201)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post(PATH, webhook());
      lab.status(answer, 201);
      lab.expect("target", answer.body.target, "webhook");
      lab.has(answer.body.configuration, { url: URL, filters: ["onMessageAdded"] });
    },
  },
  ...["get", "POST"].map((method) => ({
    id: `method-${method === "get" ? "lower" : "upper"}-case`,
    says: `The method ${method} of a webhook is returned as it was sent`,
    certainty: "inferred" as const,
    needs: "write" as const,
    check: async (lab: Lab) => {
      const { body } = await lab.create(PATH, webhook({ "Configuration.Method": method }));
      lab.has(body.configuration, { method });
    },
  })),
  {
    id: "update",
    says: "The URL of a webhook can be updated (200)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, webhook());
      const answer = await lab.post(path, { "Configuration.Url": `${URL}/2` });
      lab.status(answer, 200);
      lab.has(answer.body.configuration, { url: `${URL}/2` });
    },
  },
  {
    id: "five",
    says: "A conversation has at most five webhooks (403, 50361)",
    certainty: "documented",
    needs: "write",
    source: docs("errors/50361"),
    check: async (lab) => {
      const { path } = await lab.conversation();
      for (let count = 0; count < 5; count++) await lab.create(`${path}/Webhooks`, webhook({ "Configuration.Url": `${URL}/${count}` }));
      await lab.refuses({ code: 50361, status: 403, path: `${path}/Webhooks`, form: webhook() });
    },
  },
  {
    id: "trigger",
    says: "The keywords of a trigger are under configuration.triggers",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.create(PATH, { Target: "trigger", "Configuration.Url": URL, "Configuration.Triggers": "help" });
      lab.has(body.configuration, { triggers: ["help"] });
    },
  },
  {
    id: "delete",
    says: "The delete of a webhook returns 204; then it is not found",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, webhook());
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(path), 404);
    },
  },
  refusal({ id: "no-target", code: 50368, says: "A webhook needs a target", path: PATH, form: { "Configuration.Url": URL } }),
  refusal({
    id: "target-invalid",
    code: 50364,
    says: "A target is webhook, trigger or studio",
    path: PATH,
    form: webhook({ Target: "x" }),
  }),
  refusal({
    id: "no-url",
    code: 50369,
    says: "A webhook needs a URL",
    path: PATH,
    form: { Target: "webhook", "Configuration.Filters": "onMessageAdded" },
  }),
  refusal({
    id: "url-too-long",
    code: 50372,
    says: "A URL has at most 512 characters",
    path: PATH,
    form: webhook({ "Configuration.Url": `${URL}/${"x".repeat(512)}` }),
  }),
  refusal({
    id: "filter-invalid",
    code: 50365,
    says: "A filter is the name of an event",
    path: PATH,
    form: webhook({ "Configuration.Filters": "x" }),
  }),
  refusal({
    id: "no-pre-event",
    code: 50365,
    says: "A conversation's webhook has no events before a change",
    path: PATH,
    form: webhook({ "Configuration.Filters": "onMessageAdd" }),
  }),
  refusal({
    id: "no-trigger",
    code: 50371,
    says: "A trigger needs keywords",
    path: PATH,
    form: { Target: "trigger", "Configuration.Url": URL },
  }),
  refusal({
    id: "trigger-too-long",
    code: 50366,
    says: "A keyword has at most 248 characters",
    path: PATH,
    form: { Target: "trigger", "Configuration.Url": URL, "Configuration.Triggers": "x".repeat(249) },
  }),
  refusal({
    id: "flow-invalid",
    code: 50367,
    says: "A Studio flow must be an FW",
    path: PATH,
    form: { Target: "studio", "Configuration.FlowSid": "FW1" },
  }),
]);
