import { area, refusal } from "../fact";
import type { Lab } from "../lab";
import { absent } from "../terms";

/** The default roles of a new service, with the property that names each. */
const NAMES = ["service admin", "service user", "channel admin", "channel user"];
const DEFAULTS = [
  ["default_chat_service_role_sid", "service user"],
  ["default_conversation_role_sid", "channel user"],
  ["default_conversation_creator_role_sid", "channel admin"],
] as const;

type Role = { sid: string; friendly_name: string };

/** Conversation services. */
export const serviceFacts = area("services", "conversations/api/service-resource", [
  {
    id: "create",
    says: "The create of a service returns 201 with its properties and links",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post("/v1/Services", { FriendlyName: lab.name });
      lab.status(answer, 201);
      lab.has(answer.body, { friendly_name: lab.name });
      lab.expect("sid", answer.body.sid, /^IS[0-9a-f]{32}$/);
      const links = ["conversations", "users", "roles", "bindings", "configuration", "participant_conversations"];
      lab.keys(answer.body.links, ...links, "conversation_with_participants");
    },
  },
  {
    id: "delete",
    says: "The delete of a service returns 204 without a body; then it is not found",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create("/v1/Services", { FriendlyName: lab.name });
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(path), 404);
    },
  },
  {
    id: "delete-cascade",
    says: "The delete of a service deletes its conversations",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create("/v1/Services", { FriendlyName: lab.name });
      const conversation = await lab.create(`${path}/Conversations`);
      await lab.delete(path);
      lab.status(await lab.get(conversation.path), 404);
    },
  },
  {
    id: "names-not-unique",
    says: "Two services may have the same name",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const form = { FriendlyName: lab.name };
      await lab.create("/v1/Services", form);
      lab.status(await lab.post("/v1/Services", form), 201);
    },
  },
  {
    id: "default-roles",
    says: `A new service has four roles: ${NAMES.join(", ")}`,
    certainty: "observed",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create("/v1/Services", { FriendlyName: lab.name });
      const roles = (await lab.get(`${path}/Roles`)).body.roles as Role[];
      lab.expect("names of roles", roles.map((role) => role.friendly_name).sort(), [...NAMES].sort());
    },
  },
  ...DEFAULTS.map(([property, name]) => ({
    id: property.replace(/_sid$/, "").replaceAll("_", "-"),
    says: `The ${property} of a new service is that of the role ${name}`,
    certainty: "inferred" as const,
    needs: "write" as const,
    check: async (lab: Lab) => {
      const { body } = await lab.get("{service}/Configuration");
      const role = (await lab.get(`{service}/Roles/${body[property]}`)).body;
      lab.has(role, { friendly_name: name });
    },
  })),
  refusal({
    id: "no-update",
    code: 20004,
    status: 405,
    certainty: "inferred",
    says: "A service cannot be updated",
    path: "{service}",
    form: { FriendlyName: "x" },
  }),
  refusal({ id: "name-missing", code: 50000, says: "A service needs a name", path: "/v1/Services" }),
  refusal({
    id: "name-too-long",
    code: 50003,
    says: "A name has at most 256 characters",
    path: "/v1/Services",
    form: { FriendlyName: "x".repeat(257) },
  }),
  refusal({
    id: "unknown",
    code: 20404,
    status: 404,
    says: "An unknown service is not found",
    method: "GET",
    path: `/v1/Services/${absent("IS")}`,
  }),
  {
    id: "short-path",
    says: "The path without a service reaches the default service only",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { sid } = await lab.conversation();
      lab.status(await lab.get(`/v1/Conversations/${sid}`), 404);
    },
  },
]);
