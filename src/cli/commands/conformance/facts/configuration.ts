import { area } from "../fact";

/** The account's and a service's settings. */
export const configurationFacts = area("configuration", "conversations/api/configuration-resource", [
  {
    id: "properties",
    says: "The account's configuration has the default services and timers",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const timers = ["default_inactive_timer", "default_closed_timer"];
      lab.keys((await lab.get("/v1/Configuration")).body, "account_sid", ...timers, "url", "links");
    },
  },
  {
    id: "default-service",
    says: "An account has a default conversation service (IS)",
    certainty: "documented",
    needs: "read",
    check: async (lab) =>
      lab.expect("default_chat_service_sid", (await lab.get("/v1/Configuration")).body.default_chat_service_sid, /^IS[0-9a-f]{32}$/),
  },
  {
    id: "default-messaging-service",
    says: "An account has a default messaging service (MG) for conversations",
    certainty: "documented",
    needs: "read",
    check: async (lab) =>
      lab.expect(
        "default_messaging_service_sid",
        (await lab.get("/v1/Configuration")).body.default_messaging_service_sid,
        /^MG[0-9a-f]{32}$/,
      ),
  },
  {
    id: "links",
    says: "The account's configuration links its service and its webhooks",
    certainty: "specified",
    needs: "read",
    check: async (lab) => lab.keys((await lab.get("/v1/Configuration")).body.links, "service", "webhooks"),
  },
  {
    id: "webhook-properties",
    says: "The account's webhooks have URLs, filters, a method in upper case, and a target",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const { body } = await lab.get("/v1/Configuration/Webhooks");
      lab.keys(body, "account_sid", "method", "filters", "pre_webhook_url", "post_webhook_url", "target", "url");
      lab.expect("method", body.method, /^(GET|POST|null)$/);
      lab.expect("target", body.target, /^(webhook|flex)$/);
    },
  },
  {
    id: "service-properties",
    says: "A service's configuration has three default roles, and neither an account nor dates",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.get("{service}/Configuration");
      const roles = ["default_conversation_creator_role_sid", "default_conversation_role_sid", "default_chat_service_role_sid"];
      lab.keys(body, "chat_service_sid", ...roles, "reachability_enabled", "url", "links");
      for (const role of roles) lab.expect(role, body[role], /^RL[0-9a-f]{32}$/);
      lab.has(body, { account_sid: undefined, date_created: undefined });
    },
  },
  {
    id: "reachability",
    says: "A new service has no reachability",
    certainty: "specified",
    needs: "write",
    check: async (lab) => lab.has((await lab.get("{service}/Configuration")).body, { reachability_enabled: false }),
  },
  {
    id: "service-webhooks",
    says: "The webhooks of a new service are all null",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.get("{service}/Configuration/Webhooks");
      lab.has(body, { method: null, filters: null, pre_webhook_url: null, post_webhook_url: null });
    },
  },
  {
    id: "service-webhook-method",
    says: "The method of a service's webhooks is returned in upper case",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create("/v1/Services", { FriendlyName: lab.name });
      const { body } = await lab.post(`${path}/Configuration/Webhooks`, { Method: "GET", PostWebhookUrl: "https://example.com/hook" });
      lab.has(body, { method: "GET", post_webhook_url: "https://example.com/hook" });
    },
  },
  {
    id: "notifications",
    says: "A new service sends no push notifications",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.get("{service}/Configuration/Notifications");
      lab.has(body, { log_enabled: false });
      for (const event of ["new_message", "added_to_conversation", "removed_from_conversation"]) lab.has(body[event], { enabled: false });
    },
  },
  {
    id: "notification-badge",
    says: "Only the notification of a new message has a badge count and media",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.get("{service}/Configuration/Notifications");
      lab.keys(body.new_message, "badge_count_enabled", "with_media");
      lab.has(body.added_to_conversation, { badge_count_enabled: undefined, with_media: undefined });
    },
  },
]);
