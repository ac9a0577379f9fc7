import { area, docs, refusal } from "../fact";

const PATH = "/v1/Conversations";

/** States and timers of conversations. */
export const stateFacts = area("states", "conversations/states-timers", [
  refusal({ id: "closed-on-create", code: 50384, says: "A conversation cannot be created closed", path: PATH, form: { State: "closed" } }),
  refusal({ id: "invalid", code: 50378, says: "A state must be one of Twilio's", path: PATH, form: { State: "open" } }),
  refusal({
    id: "inactive-too-short",
    code: 50375,
    says: "The inactive timer has at least one minute",
    path: PATH,
    form: { State: "active", "Timers.Inactive": "PT1S" },
  }),
  refusal({
    id: "closed-too-short",
    code: 50376,
    says: "The closed timer has at least ten minutes",
    path: PATH,
    form: { State: "active", "Timers.Closed": "PT1M" },
  }),
  refusal({
    id: "inactive-format",
    code: 50379,
    says: "The inactive timer is an ISO 8601 duration",
    path: PATH,
    form: { State: "active", "Timers.Inactive": "soon" },
  }),
  refusal({
    id: "closed-format",
    code: 50380,
    says: "The closed timer is an ISO 8601 duration",
    path: PATH,
    form: { State: "active", "Timers.Closed": "soon" },
  }),
  refusal({
    id: "timer-without-state",
    code: 50382,
    says: "A create with a timer needs a state",
    path: PATH,
    form: { "Timers.Inactive": "PT5M" },
  }),
  {
    id: "inactive-and-back",
    says: "A conversation can become inactive, and active again",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      for (const state of ["inactive", "active"]) lab.has((await lab.post(path, { State: state })).body, { state });
    },
  },
  {
    id: "message-activates",
    says: "A message makes an inactive conversation active",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation({ State: "inactive" });
      await lab.post(`${path}/Messages`, { Body: "x" });
      await lab.becomes(path, { state: "active" });
    },
  },
  {
    id: "closed-is-final",
    says: "A closed conversation cannot be updated (50377)",
    certainty: "documented",
    needs: "write",
    source: docs("errors/50377"),
    check: async (lab) => {
      const { path } = await lab.conversation();
      await lab.post(path, { State: "closed" });
      await lab.refuses({ code: 50377, path, form: { State: "active" } });
    },
  },
  {
    id: "closed-status",
    says: "The update of a closed conversation has the status 400",
    certainty: "inferred",
    needs: "write",
    source: docs("errors/50377"),
    check: async (lab) => {
      const { path } = await lab.conversation();
      await lab.post(path, { State: "closed" });
      lab.status(await lab.post(path, { FriendlyName: "x" }), 400);
    },
  },
  {
    id: "closed-readable",
    says: "A closed conversation can be read and deleted",
    certainty: "documented",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.conversation();
      await lab.post(path, { State: "closed" });
      lab.has((await lab.get(path)).body, { state: "closed" });
      lab.status(await lab.delete(path), 204);
    },
  },
  {
    id: "closed-no-message",
    says: "A closed conversation accepts no message (50377)",
    certainty: "inferred",
    needs: "write",
    source: docs("errors/50377"),
    check: async (lab) => {
      const { path } = await lab.conversation();
      await lab.post(path, { State: "closed" });
      await lab.refuses({ code: 50377, path: `${path}/Messages`, form: { Body: "x" } });
    },
  },
  {
    id: "closed-keeps-name",
    says: "A closed conversation keeps its unique name (409, 50353)",
    certainty: "observed",
    needs: "write",
    source: docs("errors/50353"),
    check: async (lab) => {
      const { path } = await lab.conversation({ UniqueName: "closed-keeps-name" });
      await lab.post(path, { State: "closed" });
      await lab.refuses({ code: 50353, status: 409, path: "{service}/Conversations", form: { UniqueName: "closed-keeps-name" } });
    },
  },
]);
