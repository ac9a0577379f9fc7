/** The SDK's routes for push registrations. They have a host of their own at Twilio, `ers.us1.twilio.com`, and travel through the socket. */
import { type Reply, type Route, route } from "../http/router";
import { register, unregister } from "../resources/push-binding";
import type { SdkCall } from "./call";
import { asObject, asText } from "./frame";

const PATH = "/v1/registrations";

function create({ scope, user, body, pushCredentialSid }: SdkCall): Reply {
  const { sid } = register(scope, user, {
    type: asText(body.channel_type),
    endpoint: asText(asObject(body.data).registration_id),
    messageTypes: Array.isArray(body.message_types) ? body.message_types.map(asText) : [],
    credentialSid: pushCredentialSid,
  });
  return { status: 201, body: { id: sid } };
}

/** All routes of this file. */
export const sdkPushRoutes: Route<SdkCall>[] = [
  route("POST", PATH, create),
  route("DELETE", `${PATH}/{Registration}`, ({ scope, user, part }) => {
    unregister(scope, user, { sid: part("Registration") });
    return { status: 204 };
  }),
  route("DELETE", PATH, ({ scope, user, body }) => {
    unregister(scope, user, { type: asText(body.binding_type), endpoint: asText(body.address) });
    return { status: 204 };
  }),
];
