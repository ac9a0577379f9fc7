/**
 * The two forms of a Conversations path. `/v1/Services/{ServiceSid}/X` names the service. `/v1/X` means the account's
 * default service. URLs in a response have the form of the request.
 */
import { nestedPrefix, type PathPrefix, v1Root } from "../http/crud";
import type { Call } from "../http/router";
import { defaultService } from "./configuration";
import { CONVERSATIONS_HOST, fetchService, type ServiceRecord } from "./service";

export interface PathForm {
  /** `https://conversations.twilio.com/v1`, or that with `/Services/{ServiceSid}`. */
  root: string;
  /** Whether the path names the service. Then some response bodies name it too. */
  hasService: boolean;
}

/** The property that only the form with a service adds to a body. */
export function chatServiceSid(form: PathForm, serviceSid: string): { chat_service_sid?: string } {
  return form.hasService ? { chat_service_sid: serviceSid } : {};
}

/** A call within a service. */
export interface ServiceCall extends Call {
  service: ServiceRecord;
  form: PathForm;
}

const root = v1Root(CONVERSATIONS_HOST);
const ROOT = `${CONVERSATIONS_HOST}/v1`;

/** Paths that name the service. */
export const inNamedService = nestedPrefix(root, "/Services/{ServiceSid}", (call): ServiceCall => {
  const service = fetchService(call.scope, call.part("ServiceSid"));
  return { ...call, service, form: { root: `${ROOT}/Services/${service.sid}`, hasService: true } };
});

const inDefaultService = nestedPrefix(
  root,
  "",
  (call): ServiceCall => ({ ...call, service: defaultService(call.scope), form: { root: ROOT, hasService: false } }),
);

/** Both forms of a path. */
export const inService: PathPrefix<ServiceCall> = {
  ...root,
  route: (method, template, handle) => [
    ...inNamedService.route(method, template, handle),
    ...inDefaultService.route(method, template, handle),
  ],
};
