import { area, docs, refusal } from "../fact";
import { absent } from "../terms";

const PATH = "messaging:/v1/Services";

/** Messaging services and their senders. */
export const messagingServiceFacts = area("messaging-services", "messaging/api/service-resource", [
  {
    id: "create",
    says: "A new messaging service has no URLs, and its methods are POST (201)",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const answer = await lab.post(PATH, { FriendlyName: lab.name });
      lab.status(answer, 201);
      const urls = { inbound_request_url: null, fallback_url: null, status_callback: null };
      lab.has(answer.body, { ...urls, inbound_method: "POST", fallback_method: "POST" });
    },
  },
  {
    id: "switches",
    says: "A new messaging service has sticky senders, MMS conversion, smart encoding and area codes",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.create(PATH, { FriendlyName: lab.name });
      lab.has(body, { sticky_sender: true, mms_converter: true, smart_encoding: true, area_code_geomatch: true });
    },
  },
  {
    id: "inbound-webhook",
    says: "A new messaging service does not defer to the webhook of a number",
    certainty: "inferred",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.create(PATH, { FriendlyName: lab.name });
      lab.has(body, { use_inbound_webhook_on_number: false, usecase: "undeclared", us_app_to_person_registered: false });
    },
  },
  {
    id: "validity-period",
    says: "Texts of a new messaging service are valid for 36000 s",
    certainty: "specified",
    needs: "write",
    check: async (lab) => lab.has((await lab.create(PATH, { FriendlyName: lab.name })).body, { validity_period: 36_000 }),
  },
  {
    id: "links",
    says: "A messaging service links all kinds of senders",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { body } = await lab.create(PATH, { FriendlyName: lab.name });
      lab.keys(body.links, "phone_numbers", "short_codes", "alpha_senders", "channel_senders", "us_app_to_person");
    },
  },
  {
    id: "clear-url",
    says: "An empty value removes a URL",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, { FriendlyName: lab.name, StatusCallback: "https://example.com/status" });
      const { body } = await lab.post(path, { StatusCallback: "" });
      lab.expect("status_callback", body.status_callback || null, null);
    },
  },
  {
    id: "delete",
    says: "The delete of a messaging service returns 204; then it is not found",
    certainty: "specified",
    needs: "write",
    check: async (lab) => {
      const { path } = await lab.create(PATH, { FriendlyName: lab.name });
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(path), 404);
    },
  },
  {
    id: "empty-senders",
    says: "The numbers of a new messaging service are an empty list under phone_numbers",
    certainty: "specified",
    needs: "write",
    source: docs("messaging/api/phonenumber-resource"),
    check: async (lab) => {
      const { path } = await lab.create(PATH, { FriendlyName: lab.name });
      lab.has((await lab.get(`${path}/PhoneNumbers`)).body, { phone_numbers: [] });
    },
  },
  {
    id: "alpha-too-long",
    says: "An alphanumeric sender has at most 11 characters (21709)",
    certainty: "documented",
    needs: "write",
    source: docs("errors/21709"),
    check: async (lab) => {
      const { path } = await lab.create(PATH, { FriendlyName: lab.name });
      await lab.refuses({ code: 21709, path: `${path}/AlphaSenders`, form: { AlphaSender: "ConformanceX" } });
    },
  },
  {
    id: "sender-unknown",
    says: "A number of a messaging service must belong to the account (21421)",
    certainty: "documented",
    needs: "write",
    source: docs("errors/21421"),
    check: async (lab) => {
      const { path } = await lab.create(PATH, { FriendlyName: lab.name });
      await lab.refuses({ code: 21421, path: `${path}/PhoneNumbers`, form: { PhoneNumberSid: absent("PN") } });
    },
  },
  {
    id: "usecases",
    says: "The use cases of messaging services are listed with a description and a purpose",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const [usecase] = (await lab.get(`${PATH}/Usecases`)).body.usecases as object[];
      lab.keys(usecase, "usecase", "description", "purpose");
    },
  },
  refusal({
    id: "usecase-invalid",
    code: 21713,
    says: "A use case must be one of Twilio's",
    path: PATH,
    form: { FriendlyName: "x", Usecase: "x" },
  }),
  refusal({
    id: "unknown",
    code: 20404,
    status: 404,
    says: "An unknown messaging service is not found",
    method: "GET",
    path: `${PATH}/${absent("MG")}`,
  }),
]);
