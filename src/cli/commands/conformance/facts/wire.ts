import { area, docs, type Entry, refusal } from "../fact";
import { absent, type Form } from "../terms";

const RESPONSES = "usage/twilios-response";
const unknown = `/v1/Conversations/${absent("CH")}`;

/** A header of every response. */
const header = (id: string, name: string, format: RegExp): Entry => ({
  id,
  says: `Responses have the header ${name} in the form ${format.source}`,
  certainty: "observed",
  needs: "read",
  check: async (lab) => lab.expect(name, (await lab.get("/v1/Services")).headers[name.toLowerCase()], format),
});

/** A part of the body of an error. */
const envelope = (id: string, says: string, part: Form | { readonly status: number; readonly code: number }): Entry => ({
  id,
  says,
  certainty: "observed",
  needs: "read",
  check: async (lab) => lab.has((await lab.get(unknown)).body, part),
});

/** What all products share: errors, headers, formats. */
export const wireFacts = area("wire", RESPONSES, [
  header("request-id", "Twilio-Request-Id", /^RQ[0-9a-f]{32}$/),
  header("concurrent-requests", "Twilio-Concurrent-Requests", /^\d+$/),
  envelope("error-status-code", "The body of an error repeats the status and has Twilio's code", { status: 404, code: 20404 }),
  envelope("error-more-info", "The body of an error links the page of its code", { more_info: "https://www.twilio.com/docs/errors/20404" }),
  envelope("not-found-text", "The text of a 404 has the path without its version", {
    message: `The requested resource /Conversations/${absent("CH")} was not found`,
  }),
  {
    id: "not-found-text-nested",
    says: "The text of a 404 has the whole nested path, as it was requested",
    certainty: "inferred",
    needs: "read",
    check: async (lab) => {
      const path = `/Services/${absent("IS")}/Roles/${absent("RL")}`;
      const { body } = await lab.get(`/v1${path}`);
      lab.expect("message", body.message, `The requested resource ${path} was not found`);
    },
  },
  refusal({ id: "unknown-path", code: 20404, status: 404, says: "An unknown path is not found", method: "GET", path: "/v1/NoSuchThing" }),
  {
    id: "wrong-password",
    says: "A wrong password is refused (401, 20003)",
    certainty: "documented",
    needs: "read",
    source: docs("errors/20003"),
    check: (lab) => lab.refuses({ code: 20003, status: 401, method: "GET", path: "/v1/Services", password: "0".repeat(32) }),
  },
  {
    id: "foreign-account",
    says: "The path of another account is refused with 401, and not with 404 (20003)",
    certainty: "observed",
    needs: "read",
    check: (lab) =>
      lab.refuses({ code: 20003, status: 401, method: "GET", path: `api:/2010-04-01/Accounts/${absent("AC")}/Messages.json` }),
  },
  refusal({
    id: "no-put",
    code: 20004,
    status: 405,
    says: "PUT is not allowed",
    method: "PUT",
    path: unknown,
    certainty: "inferred",
    needs: "read",
  }),
  {
    id: "json-body",
    says: "A JSON body is refused (400, 19056)",
    certainty: "inferred",
    needs: "read",
    check: (lab) => lab.refuses({ code: 19056, status: 400, path: "/v1/Services", json: { FriendlyName: lab.name } }),
  },
  {
    id: "dates-v1",
    says: "The v1 APIs write dates as 2015-12-16T22:18:37Z, in seconds and UTC",
    certainty: "specified",
    needs: "write",
    check: async (lab) => lab.expect("date_created", (await lab.conversation()).body.date_created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  },
  {
    id: "dates-2010",
    says: "The 2010 API writes dates as Thu, 30 Jul 2015 23:19:04 +0000",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.create("api:/Applications.json", { FriendlyName: lab.name });
      lab.expect("date_created", body.date_created, /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/);
    },
  },
]);
