import { area, docs, refusal } from "../fact";
import type { Lab } from "../lab";
import { absent } from "../terms";

const ROLES = "{service}/Roles";
const USERS = "{service}/Users";
const role = { FriendlyName: "x", Type: "conversation", Permission: "sendMessage" };

/** Roles of a service. */
export const roleFacts = area("roles", "conversations/api/role-resource", [
  {
    id: "create",
    says: "A role is returned with its type and permissions (201)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post(ROLES, { ...role, Permission: ["sendMessage", "leaveConversation"] });
      lab.status(answer, 201);
      lab.has(answer.body, { friendly_name: "x", type: "conversation" });
      lab.expect("permissions", [...(answer.body.permissions as string[])].sort(), ["leaveConversation", "sendMessage"]);
    },
  },
  {
    id: "update-replaces",
    says: "An update replaces all permissions of a role",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(ROLES, role);
      lab.has((await lab.post(path, { Permission: "leaveConversation" })).body, { permissions: ["leaveConversation"] });
    },
  },
  {
    id: "names-not-unique",
    says: "Two roles may have the same name",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      await lab.create(ROLES, role);
      lab.status(await lab.post(ROLES, role), 201);
    },
  },
  {
    id: "long-name",
    says: "A name of 65 characters is accepted, although 64 are documented",
    certainty: "observed",
    needs: "write",
    check: async (lab) => lab.status(await lab.post(ROLES, { ...role, FriendlyName: "x".repeat(65) }), 201),
  },
  ...["addNonChatParticipant", "editNotificationLevel", "editAnyParticipantAttributes", "editOwnParticipantAttributes"].map(
    (permission) => ({
      id: `undocumented-${permission.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      says: `A role for conversations may have the undocumented permission ${permission}`,
      certainty: "observed" as const,
      needs: "write" as const,
      check: async (lab: Lab) => lab.status(await lab.post(ROLES, { ...role, Permission: permission }), 201),
    }),
  ),
  {
    id: "delete-default",
    says: "A default role cannot be deleted (400, 20001)",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create("/v1/Services", { FriendlyName: lab.name });
      const { default_conversation_role_sid: sid } = (await lab.get(`${path}/Configuration`)).body;
      await lab.refuses({ code: 20001, status: 400, method: "DELETE", path: `${path}/Roles/${sid}` });
    },
  },
  refusal({ id: "permission-unknown", code: 50104, says: "A permission must exist", path: ROLES, form: { ...role, Permission: "fly" } }),
  {
    id: "permission-of-other-type",
    says: "A role for a service may have permissions of conversations",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => lab.status(await lab.post(ROLES, { ...role, Type: "service", Permission: "leaveConversation" }), 201),
  },
  refusal({
    id: "unknown",
    code: 20404,
    status: 404,
    certainty: "inferred",
    says: "An unknown role is not found",
    method: "GET",
    path: `${ROLES}/${absent("RL")}`,
  }),
]);

/** Users of a service, and their conversations. */
export const userFacts = area("users", "conversations/api/user-resource", [
  {
    id: "create",
    says: "A new user has an identity and the service's default role (201)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { default_chat_service_role_sid: roleSid } = (await lab.get("{service}/Configuration")).body;
      const answer = await lab.post(USERS, { Identity: "created" });
      lab.status(answer, 201);
      lab.has(answer.body, { identity: "created", role_sid: roleSid, attributes: "{}" });
    },
  },
  {
    id: "unreachable",
    says: "Without reachability, is_online and is_notifiable are null",
    certainty: "specified",
    needs: "write",
    check: async (lab) => lab.has((await lab.get("{user}")).body, { is_online: null, is_notifiable: null }),
  },
  {
    id: "by-identity",
    says: "A user is found by its identity",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { sid } = await lab.create(USERS, { Identity: "by-identity" });
      lab.has((await lab.get(`${USERS}/by-identity`)).body, { sid });
    },
  },
  {
    id: "identity-case",
    says: "Identities that differ in case are two users",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      await lab.create(USERS, { Identity: "case" });
      lab.status(await lab.post(USERS, { Identity: "CASE" }), 201);
    },
  },
  {
    id: "identity-taken",
    says: "An identity is one user (409, 50201)",
    certainty: "documented",
    needs: "write",
    source: docs("errors/50201"),
    check: async (lab) => {
      await lab.create(USERS, { Identity: "taken" });
      await lab.refuses({ code: 50201, status: 409, path: USERS, form: { Identity: "taken" } });
    },
  },
  {
    id: "delete-leaves",
    says: "The delete of a user removes it from its conversations",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      const user = await lab.create(USERS, { Identity: "leaves" });
      const { path } = await lab.conversation();
      await lab.create(`${path}/Participants`, { Identity: "leaves" });
      await lab.delete(user.path);
      lab.has((await lab.get(`${path}/Participants`)).body, { participants: [] });
    },
  },
  {
    id: "conversation",
    says: "A user's conversation has the notification level default, and no unread messages before some are read",
    certainty: "documented",
    needs: "write",
    source: docs("conversations/api/user-conversation-resource"),
    check: async (lab) => {
      const { path, sid } = await lab.conversation();
      await lab.create(`${path}/Participants`, { Identity: "reader" });
      const { body } = await lab.get(`${USERS}/reader/Conversations/${sid}`);
      lab.has(body, { notification_level: "default", unread_messages_count: null, last_read_message_index: null });
    },
  },
  {
    id: "leave",
    says: "The delete of a user's conversation removes the participant",
    certainty: "documented",
    needs: "write",
    source: docs("conversations/api/user-conversation-resource"),
    check: async (lab) => {
      const { path, sid } = await lab.conversation();
      await lab.create(`${path}/Participants`, { Identity: "leaver" });
      lab.status(await lab.delete(`${USERS}/leaver/Conversations/${sid}`), 204);
      lab.has((await lab.get(`${path}/Participants`)).body, { participants: [] });
    },
  },
  {
    id: "notification-level",
    says: "A notification level is default or muted (50210)",
    certainty: "documented",
    needs: "write",
    source: docs("errors/50210"),
    check: async (lab) => {
      const { path, sid } = await lab.conversation();
      await lab.create(`${path}/Participants`, { Identity: "muted" });
      const own = `${USERS}/muted/Conversations/${sid}`;
      lab.has((await lab.post(own, { NotificationLevel: "muted" })).body, { notification_level: "muted" });
      await lab.refuses({ code: 50210, path: own, form: { NotificationLevel: "loud" } });
    },
  },
  refusal({
    id: "identity-sid",
    code: 50206,
    says: "An identity must not look like a user's SID",
    path: USERS,
    form: { Identity: absent("US") },
  }),
  refusal({
    id: "identity-too-long",
    code: 50207,
    says: "A user's identity has at most 256 characters",
    path: USERS,
    form: { Identity: "x".repeat(257) },
  }),
  refusal({
    id: "attributes-not-json",
    code: 50304,
    says: "Attributes of a user must be JSON",
    path: USERS,
    form: { Identity: "bad", Attributes: "{" },
  }),
]);
