import { area, docs } from "../fact";
import type { Form } from "../terms";

/** A number that nobody has. Nothing is texted to it: to add a participant sends nothing. */
const PHONE = "+12025550147";
const OTHER = "+12025550149";

const pair = (proxy: string, address = PHONE): Form => ({ "MessagingBinding.Address": address, "MessagingBinding.ProxyAddress": proxy });

/** What needs a number of the account. Facts share one, except where it is released. */
export const boughtFacts = area("bought", "phone-numbers/api/incomingphonenumber-resource", [
  {
    id: "number",
    says: "A bought number is in use, local, and from Twilio",
    certainty: "specified",
    needs: "purchase",
    check: async (lab) => {
      const { body } = await lab.get(`api:/IncomingPhoneNumbers/${(await lab.number()).sid}.json`);
      lab.has(body, { status: "in-use", type: "local", origin: "twilio", sms_method: "POST", voice_method: "POST" });
    },
  },
  {
    id: "number-urls",
    says: "A bought number has no URLs of its own: empty or null",
    certainty: "observed",
    needs: "purchase",
    check: async (lab) => {
      const { body } = await lab.get(`api:/IncomingPhoneNumbers/${(await lab.number()).sid}.json`);
      for (const url of ["sms_url", "voice_fallback_url", "status_callback"]) lab.expect(url, body[url] || null, null);
    },
  },
  {
    id: "find-by-number",
    says: "Owned numbers can be filtered by the number",
    certainty: "specified",
    needs: "purchase",
    check: async (lab) => {
      const { sid, phoneNumber } = await lab.number();
      const { body } = await lab.get("api:/IncomingPhoneNumbers.json", { PhoneNumber: phoneNumber });
      lab.expect(
        "SIDs",
        (body.incoming_phone_numbers as { sid: string }[]).map((one) => one.sid),
        [sid],
      );
    },
  },
  {
    id: "binding",
    says: "A participant with a phone has a binding of type sms, and no identity",
    certainty: "specified",
    needs: "purchase",
    source: docs("conversations/api/conversation-participant-resource"),
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path } = await lab.conversation();
      const answer = await lab.post(`${path}/Participants`, pair(phoneNumber));
      lab.status(answer, 201);
      lab.has(answer.body, { identity: null });
      lab.has(answer.body.messaging_binding, { type: "sms", address: PHONE, proxy_address: phoneNumber });
      await lab.delete(path);
    },
  },
  {
    id: "pair-taken",
    says: "An address and a proxy address are in one open conversation, which the error names (409, 50416)",
    certainty: "observed",
    needs: "purchase",
    source: docs("errors/50416"),
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path, sid } = await lab.conversation();
      await lab.create(`${path}/Participants`, pair(phoneNumber));
      const { path: other } = await lab.conversation();
      const answer = await lab.post(`${other}/Participants`, pair(phoneNumber));
      lab.status(answer, 409);
      const message = `A binding for this participant and proxy address already exists in Conversation ${sid}`;
      lab.has(answer.body, { code: 50416, message });
      await lab.delete(path);
    },
  },
  {
    id: "pair-free-after-participant",
    says: "The delete of a participant frees its pair of addresses",
    certainty: "documented",
    needs: "purchase",
    source: docs("conversations/inbound-autocreation"),
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path } = await lab.conversation();
      const participant = await lab.create(`${path}/Participants`, pair(phoneNumber));
      await lab.delete(participant.path);
      const { path: other } = await lab.conversation();
      lab.status(await lab.post(`${other}/Participants`, pair(phoneNumber)), 201);
      await lab.delete(other);
    },
  },
  {
    id: "pair-free-after-close",
    says: "A closed conversation frees its pairs of addresses",
    certainty: "documented",
    needs: "purchase",
    source: docs("conversations/states-timers"),
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path } = await lab.conversation();
      await lab.create(`${path}/Participants`, pair(phoneNumber));
      await lab.post(path, { State: "closed" });
      const { path: other } = await lab.conversation();
      lab.status(await lab.post(`${other}/Participants`, pair(phoneNumber)), 201);
      await lab.delete(other);
    },
  },
  {
    id: "proxy-with-two-phones",
    says: "A proxy address may have several addresses",
    certainty: "documented",
    needs: "purchase",
    source: docs("conversations/inbound-autocreation"),
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path } = await lab.conversation();
      await lab.create(`${path}/Participants`, pair(phoneNumber));
      lab.status(await lab.post(`${path}/Participants`, pair(phoneNumber, OTHER)), 201);
      await lab.delete(path);
    },
  },
  {
    id: "adding-texts-nobody",
    says: "To add a participant texts nobody",
    certainty: "observed",
    needs: "purchase",
    source: docs("conversations/api/conversation-participant-resource"),
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path } = await lab.conversation();
      await lab.create(`${path}/Participants`, pair(phoneNumber));
      lab.has((await lab.get("api:/Messages.json", { From: phoneNumber })).body, { messages: [] });
      await lab.delete(path);
    },
  },
  {
    id: "proxy-not-added",
    says: "The proxy address of a participant with a phone cannot be set again (400, 50441)",
    certainty: "observed",
    needs: "purchase",
    source: docs("errors/50441"),
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path } = await lab.conversation();
      const participant = await lab.create(`${path}/Participants`, pair(phoneNumber));
      await lab.refuses({ code: 50441, status: 400, path: participant.path, form: { "MessagingBinding.ProxyAddress": phoneNumber } });
      await lab.delete(path);
    },
  },
]);

const SERVICES = "messaging:/v1/Services";

/** Senders and address configurations, which need a number too. */
export const senderFacts = area("senders", "messaging/api/phonenumber-resource", [
  {
    id: "add",
    says: "A number is added to a messaging service with its capabilities (201 or 200)",
    certainty: "specified",
    needs: "purchase",
    check: async (lab) => {
      const { sid, phoneNumber } = await lab.number();
      const { path } = await lab.create(SERVICES, { FriendlyName: lab.name });
      const answer = await lab.post(`${path}/PhoneNumbers`, { PhoneNumberSid: sid });
      lab.status(answer, 201, 200);
      lab.has(answer.body, { sid, phone_number: phoneNumber, country_code: "US", capabilities: /SMS/ });
      await lab.delete(`${path}/PhoneNumbers/${sid}`);
    },
  },
  {
    id: "add-twice",
    says: "A number is in a messaging service once (409, 21710)",
    certainty: "observed",
    needs: "purchase",
    source: docs("errors/21710"),
    check: async (lab) => {
      const { sid } = await lab.number();
      const { path } = await lab.create(SERVICES, { FriendlyName: lab.name });
      await lab.create(`${path}/PhoneNumbers`, { PhoneNumberSid: sid });
      await lab.refuses({ code: 21710, status: 409, path: `${path}/PhoneNumbers`, form: { PhoneNumberSid: sid } });
      await lab.delete(`${path}/PhoneNumbers/${sid}`);
    },
  },
  {
    id: "other-service",
    says: "A number is in one messaging service (409, 21712)",
    certainty: "observed",
    needs: "purchase",
    source: docs("errors/21712"),
    check: async (lab) => {
      const { sid } = await lab.number();
      const { path } = await lab.create(SERVICES, { FriendlyName: lab.name });
      await lab.create(`${path}/PhoneNumbers`, { PhoneNumberSid: sid });
      const other = await lab.create(SERVICES, { FriendlyName: lab.name });
      await lab.refuses({ code: 21712, status: 409, path: `${other.path}/PhoneNumbers`, form: { PhoneNumberSid: sid } });
      await lab.delete(`${path}/PhoneNumbers/${sid}`);
    },
  },
  {
    id: "service-deleted",
    says: "The delete of a messaging service leaves its number to the account",
    certainty: "inferred",
    needs: "purchase",
    check: async (lab) => {
      const { sid } = await lab.number();
      const { path } = await lab.create(SERVICES, { FriendlyName: lab.name });
      await lab.create(`${path}/PhoneNumbers`, { PhoneNumberSid: sid });
      lab.status(await lab.delete(path), 204);
      lab.status(await lab.get(`api:/IncomingPhoneNumbers/${sid}.json`), 200);
    },
  },
  {
    id: "application-deleted",
    says: "The delete of an application leaves its SID at the number",
    certainty: "inferred",
    needs: "purchase",
    source: docs("usage/api/applications"),
    check: async (lab) => {
      const { sid } = await lab.number();
      const application = await lab.create("api:/Applications.json", { FriendlyName: lab.name });
      const path = `api:/IncomingPhoneNumbers/${sid}.json`;
      await lab.post(path, { SmsApplicationSid: application.sid });
      lab.status(await lab.delete(application.path), 204);
      lab.has((await lab.get(path)).body, { sms_application_sid: application.sid });
      await lab.post(path, { SmsApplicationSid: "" });
    },
  },
]);

const ADDRESSES = "/v1/Configuration/Addresses";
const configuration = (lab: { name: string }, address: string, type = "sms"): Form => ({
  Type: type,
  Address: address,
  FriendlyName: lab.name,
});

/** Address configurations: what a text from an unknown pair creates. */
export const addressConfigurationFacts = area("address-configurations", "conversations/api/address-configuration-resource", [
  {
    id: "by-address",
    says: "An address configuration is found by its address",
    certainty: "specified",
    needs: "purchase",
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path, sid } = await lab.create(ADDRESSES, configuration(lab, phoneNumber));
      lab.has((await lab.get(`${ADDRESSES}/${encodeURIComponent(phoneNumber)}`)).body, {
        sid,
        address: phoneNumber,
        address_country: null,
      });
      await lab.delete(path);
    },
  },
  {
    id: "twice",
    says: "An address has one configuration (409, 20409)",
    certainty: "inferred",
    needs: "purchase",
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const { path } = await lab.create(ADDRESSES, configuration(lab, phoneNumber));
      await lab.refuses({ code: 20409, status: 409, path: ADDRESSES, form: configuration(lab, phoneNumber) });
      await lab.delete(path);
    },
  },
  {
    id: "type-case",
    says: "The type of an address may have any case",
    certainty: "specified",
    needs: "purchase",
    check: async (lab) => {
      const { phoneNumber } = await lab.number();
      const answer = await lab.post(ADDRESSES, configuration(lab, phoneNumber, "SMS"));
      lab.status(answer, 201);
      await lab.delete(`${ADDRESSES}/${answer.body.sid}`);
    },
  },
  {
    id: "released-number",
    says: "The release of a number deletes its address configuration",
    certainty: "documented",
    needs: "purchase",
    source: docs("errors/50610"),
    check: async (lab) => {
      const { sid, phoneNumber } = await lab.buy();
      const { path } = await lab.create(ADDRESSES, configuration(lab, phoneNumber));
      lab.status(await lab.delete(`api:/IncomingPhoneNumbers/${sid}.json`), 204);
      lab.status(await lab.get(path), 404);
    },
  },
]);
