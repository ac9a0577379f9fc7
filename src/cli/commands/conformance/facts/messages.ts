import { area, docs, refusal } from "../fact";
import { absent } from "../terms";

const PATH = "{conversation}/Messages";

/** Messages of conversations. None of them is texted to a phone. */
export const messageFacts = area("messages", "conversations/api/conversation-message-resource", [
  {
    id: "create",
    says: "The first message has index 0 and the author system, and no media, delivery and participant",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post(PATH, { Body: "hello" });
      lab.status(answer, 201);
      const nothing = { media: null, delivery: null, participant_sid: null, content_sid: null };
      lab.has(answer.body, { index: 0, author: "system", body: "hello", attributes: "{}", ...nothing });
    },
  },
  {
    id: "links",
    says: "A message links its receipts and its channel metadata",
    certainty: "specified",
    needs: "write",
    check: async (lab) => lab.keys((await lab.create(PATH, { Body: "x" })).body.links, "delivery_receipts", "channel_metadata"),
  },
  {
    id: "author-is-participant",
    says: "A message whose author is a participant has the participant's SID",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      const { sid } = await lab.create(`${path}/Participants`, { Identity: "alice" });
      lab.has((await lab.create(`${path}/Messages`, { Author: "alice", Body: "x" })).body, { participant_sid: sid });
    },
  },
  {
    id: "author-is-nobody",
    says: "The author of a message need not be a participant",
    certainty: "specified",
    needs: "write",
    check: async (lab) =>
      lab.has((await lab.create(PATH, { Author: "nobody", Body: "x" })).body, { author: "nobody", participant_sid: null }),
  },
  {
    id: "index-increases",
    says: "Indexes increase, and a deleted message's is not used again",
    certainty: "documented",
    needs: "write",
    source: docs("conversations/read-horizon"),
    check: async (lab) => {
      const { path } = await lab.conversation();
      const first = await lab.create(`${path}/Messages`, { Body: "x" });
      const second = await lab.create(`${path}/Messages`, { Body: "x" });
      await lab.delete(second.path);
      const third = await lab.create(`${path}/Messages`, { Body: "x" });
      const indexes = [first, second, third].map(({ body }) => Number(body.index));
      lab.expect(
        `whether ${indexes} increase`,
        new Set(indexes).size === 3 && indexes.every((n, i) => i === 0 || n > Number(indexes[i - 1])),
        true,
      );
    },
  },
  {
    id: "order",
    says: "Messages are listed by their index, and backwards with Order=desc",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      for (const Body of ["a", "b"]) await lab.create(`${path}/Messages`, { Body });
      for (const [Order, expected] of [
        ["asc", "ab"],
        ["desc", "ba"],
      ] as const) {
        const { body } = await lab.get(`${path}/Messages`, { Order });
        lab.expect(`bodies with Order=${Order}`, (body.messages as { body: string }[]).map((message) => message.body).join(""), expected);
      }
    },
  },
  {
    id: "update",
    says: "Body, author and attributes of a message can be updated (200)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, { Body: "tpyo" });
      const answer = await lab.post(path, { Body: "typo", Author: "bob", Attributes: '{"edited":true}' });
      lab.status(answer, 200);
      lab.has(answer.body, { body: "typo", author: "bob", attributes: '{"edited":true}' });
    },
  },
  {
    id: "empty-update",
    says: "An update of a message needs a parameter (20161)",
    certainty: "documented",
    needs: "write",
    source: docs("errors/20161"),
    check: async (lab) => lab.refuses({ code: 20161, path: (await lab.create(PATH, { Body: "x" })).path }),
  },
  {
    id: "delete",
    says: "The delete of a message returns 204; then it is not found",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, { Body: "x" });
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(path), 404);
    },
  },
  {
    id: "deleted-with-conversation",
    says: "The delete of a conversation deletes its messages",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      const message = await lab.create(`${path}/Messages`, { Body: "x" });
      await lab.delete(path);
      lab.status(await lab.get(message.path), 404);
    },
  },
  {
    id: "participant-gone",
    says: "Messages of a participant remain when the participant is deleted",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      const alice = await lab.create(`${path}/Participants`, { Identity: "alice" });
      const message = await lab.create(`${path}/Messages`, { Author: "alice", Body: "x" });
      await lab.delete(alice.path);
      lab.has((await lab.get(message.path)).body, { author: "alice", body: "x" });
    },
  },
  {
    id: "receipts",
    says: "The receipts of a message are under delivery_receipts; a message in the chat has none",
    certainty: "specified",
    needs: "write",
    source: docs("conversations/api/receipt-resource"),
    check: async (lab) => {
      const { path } = await lab.create(PATH, { Body: "x" });
      lab.has((await lab.get(`${path}/Receipts`)).body, { delivery_receipts: [] });
    },
  },
  refusal({ id: "no-body", code: 50503, says: "A message needs a body", path: PATH }),
  refusal({
    id: "body-too-long",
    code: 50504,
    says: "A body in the chat has at most 32 KB",
    path: PATH,
    form: { Body: "x".repeat(33_000) },
  }),
  refusal({
    id: "attributes-not-json",
    code: 50304,
    says: "Attributes of a message must be JSON",
    path: PATH,
    form: { Body: "x", Attributes: "{" },
  }),
  refusal({
    id: "attributes-too-long",
    code: 50303,
    says: "Attributes of a message have at most 4 KB",
    path: PATH,
    form: { Body: "x", Attributes: JSON.stringify("x".repeat(5_000)) },
  }),
  refusal({
    id: "author-too-long",
    code: 50310,
    says: "An author has at most 256 characters",
    path: PATH,
    form: { Body: "x", Author: "x".repeat(257) },
  }),
  refusal({ id: "media-invalid", code: 50511, says: "Media must be an ME", path: PATH, form: { MediaSid: "ME1" } }),
  refusal({ id: "media-unknown", code: 50507, says: "Media must exist", path: PATH, form: { MediaSid: absent("ME") } }),
  refusal({
    id: "unknown",
    code: 20404,
    status: 404,
    certainty: "inferred",
    says: "An unknown message is not found",
    method: "GET",
    path: `${PATH}/${absent("IM")}`,
  }),
]);
