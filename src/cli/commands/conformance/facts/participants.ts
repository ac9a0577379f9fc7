import { area, docs, refusal } from "../fact";
import { absent, type Form } from "../terms";

const PATH = "{conversation}/Participants";
/** Numbers that nobody has. A participant is never texted here: a conversation with a phone gets no message. */
const PHONE = "+12025550147";
const OTHER = "+12025550148";

const bound = (form: { Address?: string; ProxyAddress?: string; ProjectedAddress?: string }): Form =>
  Object.fromEntries(Object.entries(form).map(([key, value]) => [`MessagingBinding.${key}`, value]));

/** Participants of conversations. */
export const participantFacts = area("participants", "conversations/api/conversation-participant-resource", [
  {
    id: "chat",
    says: "A participant in the chat has an identity, and no binding",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post(PATH, { Identity: "alice" });
      lab.status(answer, 201);
      lab.has(answer.body, { identity: "alice", messaging_binding: null, attributes: "{}", last_read_message_index: null });
    },
  },
  {
    id: "role",
    says: "A participant gets the service's default role for conversations",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { default_conversation_role_sid: role } = (await lab.get("{service}/Configuration")).body;
      lab.has((await lab.create(PATH, { Identity: "alice" })).body, { role_sid: role });
    },
  },
  {
    id: "by-identity",
    says: "A participant is found by its identity",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      const { sid } = await lab.create(`${path}/Participants`, { Identity: "alice" });
      lab.has((await lab.get(`${path}/Participants/alice`)).body, { sid });
    },
  },
  {
    id: "identity-taken",
    says: "An identity is a participant of a conversation once (409, 50433)",
    certainty: "observed",
    needs: "write",
    source: docs("errors/50433"),
    check: async (lab) => {
      const { path } = await lab.conversation();
      await lab.create(`${path}/Participants`, { Identity: "alice" });
      await lab.refuses({ code: 50433, status: 409, path: `${path}/Participants`, form: { Identity: "alice" } });
    },
  },
  {
    id: "creates-user",
    says: "An unknown identity becomes a user of the service",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      await lab.create(PATH, { Identity: "creates-user" });
      lab.has((await lab.get("{service}/Users/creates-user")).body, { identity: "creates-user" });
    },
  },
  {
    id: "delete",
    says: "The delete of a participant returns 204; then it is not found",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, { Identity: "alice" });
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(path), 404);
    },
  },
  {
    id: "delete-keeps-user",
    says: "The delete of a participant does not delete the user",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, { Identity: "stays" });
      await lab.delete(path);
      lab.status(await lab.get("{service}/Users/stays"), 200);
    },
  },
  {
    id: "read-horizon",
    says: "The last read message of a participant can be set",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      const { path: alice } = await lab.create(`${path}/Participants`, { Identity: "alice" });
      await lab.create(`${path}/Messages`, { Body: "x" });
      lab.has((await lab.post(alice, { LastReadMessageIndex: "0" })).body, { last_read_message_index: 0 });
    },
  },
  {
    id: "conversations-of",
    says: "The conversations of an identity are listed, with the participant's SID",
    certainty: "specified",
    needs: "write",
    source: docs("conversations/api/participant-conversation-resource"),
    check: async (lab) => {
      const { path, sid } = await lab.conversation();
      const participant = await lab.create(`${path}/Participants`, { Identity: "listed" });
      const { body } = await lab.get("{service}/ParticipantConversations", { Identity: "listed" });
      const [found] = body.conversations as Record<string, unknown>[];
      lab.has(found, { conversation_sid: sid, participant_sid: participant.sid });
    },
  },
  {
    id: "conversations-of-both",
    says: "The conversations of an identity and an address at once are refused (50451)",
    certainty: "documented",
    needs: "read",
    source: docs("errors/50451"),
    check: (lab) =>
      lab.refuses({ code: 50451, method: "GET", path: "/v1/ParticipantConversations", form: { Identity: "a", Address: PHONE } }),
  },
  refusal({ id: "nobody", code: 50204, says: "A participant needs an identity or an address", path: PATH }),
  refusal({
    id: "identity-and-address",
    code: 50211,
    says: "An identity has no address and proxy address",
    path: PATH,
    form: { Identity: "alice", ...bound({ Address: PHONE, ProxyAddress: OTHER }) },
  }),
  refusal({
    id: "address-and-projected",
    code: 50407,
    status: 400,
    certainty: "observed",
    says: "An address has no projected address",
    path: PATH,
    form: bound({ Address: PHONE, ProjectedAddress: OTHER }),
  }),
  refusal({
    id: "address-is-proxy",
    code: 50409,
    says: "Address and proxy address differ",
    path: PATH,
    form: bound({ Address: PHONE, ProxyAddress: PHONE }),
  }),
  refusal({
    id: "channels-differ",
    code: 50414,
    says: "Address and proxy address have the same channel",
    path: PATH,
    form: bound({ Address: `whatsapp:${PHONE}`, ProxyAddress: OTHER }),
  }),
  refusal({
    id: "proxy-not-owned",
    code: 50413,
    says: "A proxy address must belong to the account",
    path: PATH,
    form: bound({ Address: PHONE, ProxyAddress: OTHER }),
  }),
  refusal({
    id: "proxy-not-owned-status",
    code: 50413,
    status: 403,
    certainty: "inferred",
    says: "A proxy address of somebody else is forbidden",
    path: PATH,
    form: bound({ Address: PHONE, ProxyAddress: OTHER }),
  }),
  refusal({
    id: "proxy-not-whatsapp",
    code: 50415,
    says: "A proxy address for WhatsApp must be a WhatsApp sender of the account",
    path: PATH,
    form: bound({ Address: `whatsapp:${PHONE}`, ProxyAddress: `whatsapp:${OTHER}` }),
  }),
  refusal({
    id: "address-invalid",
    code: 50407,
    status: 400,
    certainty: "observed",
    says: "An address must be a number in E.164",
    path: PATH,
    form: bound({ Address: "not-a-number", ProxyAddress: OTHER }),
  }),
  refusal({
    id: "identity-too-long",
    code: 50207,
    says: "An identity has at most 256 characters",
    path: PATH,
    form: { Identity: "x".repeat(257) },
  }),
  refusal({
    id: "identity-sid",
    code: 50206,
    says: "A participant's identity must not look like a user's SID",
    path: PATH,
    form: { Identity: absent("US") },
  }),
  refusal({
    id: "attributes-not-json",
    code: 50304,
    says: "Attributes of a participant must be JSON",
    path: PATH,
    form: { Identity: "alice", Attributes: "{" },
  }),
  refusal({
    id: "attributes-too-long",
    code: 50303,
    says: "Attributes of a participant have at most 4 KB",
    path: PATH,
    form: { Identity: "alice", Attributes: JSON.stringify("x".repeat(5_000)) },
  }),
  refusal({
    id: "unknown",
    code: 20404,
    status: 404,
    certainty: "inferred",
    says: "An unknown participant is not found",
    method: "GET",
    path: `{conversation}/Participants/${absent("MB")}`,
  }),
]);

/** A conversation and its participants in one request. */
export const withParticipantsFacts = area("with-participants", "conversations/api/conversation-with-participants-resource", [
  {
    id: "without",
    says: "Without participants, the create returns 201",
    certainty: "specified",
    needs: "write",
    check: async (lab) => lab.status(await lab.post("{service}/ConversationWithParticipants"), 201),
  },
  {
    id: "accepted",
    says: "With participants, the create returns 202, without a link to export",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post("{service}/ConversationWithParticipants", { Participant: ['{"identity":"a"}', '{"identity":"b"}'] });
      lab.status(answer, 202);
      lab.has(answer.body.links, { export: undefined });
    },
  },
  {
    id: "becomes-active",
    says: "The conversation becomes active with all participants",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create("{service}/ConversationWithParticipants", {
        Participant: ['{"identity":"a"}', '{"identity":"b"}'],
      });
      await lab.becomes(path, { state: "active" });
      const { body } = await lab.get(`${path}/Participants`);
      lab.expect("identities", (body.participants as { identity: string }[]).map(({ identity }) => identity).sort(), ["a", "b"]);
    },
  },
  refusal({
    id: "too-many",
    code: 50426,
    says: "At most ten participants are created at once",
    path: "{service}/ConversationWithParticipants",
    form: { Participant: Array.from({ length: 11 }, (_, index) => JSON.stringify({ identity: `p${index}` })) },
  }),
  refusal({
    id: "not-json",
    code: 50424,
    says: "Each participant is JSON",
    path: "{service}/ConversationWithParticipants",
    form: { Participant: "alice" },
  }),
]);
