/** messaging.twilio.com/v1: messaging services and their numbers. */
import { v1List } from "../http/paging";
import { type Call, created, noContent, ok, type Reply, type Route, route } from "../http/router";
import * as messaging from "../resources/messaging-service";

const HOST = "https://messaging.twilio.com";
const ROOT = `${HOST}/v1`;
const MAX = 1000;

type Handle = (call: Call, service: messaging.MessagingServiceRecord) => Reply;

function inService(handle: Handle): Route["handle"] {
  return (call) => handle(call, messaging.fetchMessagingService(call.at, call.part("ServiceSid")));
}

const serviceBody = (service: messaging.MessagingServiceRecord) => messaging.messagingServiceBody(service, ROOT);
const senderBody = (number: Parameters<typeof messaging.senderBody>[0]) => messaging.senderBody(number, ROOT);

export const messagingRoutes: Route[] = [
  route("GET", "/v1/Services", (call) =>
    v1List(call, HOST, { key: "services", rows: call.at.domain.find.messagingServicesOf(call.at.accountSid), body: serviceBody, max: MAX }),
  ),
  route("POST", "/v1/Services", ({ at, params }) =>
    created(serviceBody(messaging.createMessagingService(at, messaging.readMessagingService(params)))),
  ),
  route(
    "GET",
    "/v1/Services/{ServiceSid}",
    inService((_, service) => ok(serviceBody(service))),
  ),
  route(
    "POST",
    "/v1/Services/{ServiceSid}",
    inService(({ at, params }, service) => ok(serviceBody(messaging.updateMessagingService(at, service, params)))),
  ),
  route(
    "DELETE",
    "/v1/Services/{ServiceSid}",
    inService(({ at }, service) => {
      messaging.removeMessagingService(at, service);
      return noContent();
    }),
  ),
  route(
    "GET",
    "/v1/Services/{ServiceSid}/PhoneNumbers",
    inService((call, service) =>
      v1List(call, HOST, { key: "phone_numbers", rows: call.at.domain.find.sendersOf(service.sid), body: senderBody, max: MAX }),
    ),
  ),
  route(
    "POST",
    "/v1/Services/{ServiceSid}/PhoneNumbers",
    inService(({ at, params }, service) => created(senderBody(messaging.addSender(at, service, params.text("PhoneNumberSid") ?? "")))),
  ),
  route(
    "GET",
    "/v1/Services/{ServiceSid}/PhoneNumbers/{PhoneNumberSid}",
    inService((call, service) => ok(senderBody(messaging.fetchSender(call.at, service, call.part("PhoneNumberSid"))))),
  ),
  route(
    "DELETE",
    "/v1/Services/{ServiceSid}/PhoneNumbers/{PhoneNumberSid}",
    inService((call, service) => {
      messaging.removeSender(call.at, messaging.fetchSender(call.at, service, call.part("PhoneNumberSid")));
      return noContent();
    }),
  ),
];
