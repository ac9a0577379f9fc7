/** conversations.twilio.com/v1: every path in both forms, with the default service and with `/Services/{sid}`. */
import { latestFirst, newestFirst, oldestFirst, v1List } from "../http/paging";
import { type Call, created, noContent, ok, type Reply, type Route, route } from "../http/router";
import * as configuration from "../resources/configuration";
import * as conversations from "../resources/conversation";
import * as messages from "../resources/message";
import * as participants from "../resources/participant";
import * as participantViews from "../resources/participant-conversation";
import type { Place } from "../resources/place";
import * as receipts from "../resources/receipt";
import * as roles from "../resources/role";
import * as services from "../resources/service";
import * as users from "../resources/user";
import * as userViews from "../resources/user-conversation";
import { createWithParticipants } from "../resources/with-participants";

export const HOST = "https://conversations.twilio.com";
export const ROOT = `${HOST}/v1`;
/** Largest page of each list. */
const LARGE = 100;
const SMALL = 50;

/** A call within a service, however the service was addressed. */
interface ServiceCall extends Call {
  service: services.ServiceRecord;
  place: Place;
}
interface ConversationCall extends ServiceCall {
  conversation: conversations.ConversationRecord;
}
interface MessageCall extends ConversationCall {
  message: messages.MessageRecord;
}
interface UserCall extends ServiceCall {
  user: users.UserRecord;
}

/** Both forms of a path. */
function inService(method: Route["method"], template: string, handle: (call: ServiceCall) => Reply): Route[] {
  return [
    route(method, `/v1/Services/{ServiceSid}${template}`, (call) => {
      const service = services.fetchService(call.at, call.part("ServiceSid"));
      return handle({ ...call, service, place: { root: `${ROOT}/Services/${service.sid}`, scoped: true } });
    }),
    route(method, `/v1${template}`, (call) =>
      handle({ ...call, service: services.defaultService(call.at), place: { root: ROOT, scoped: false } }),
    ),
  ];
}

export function inConversation(method: Route["method"], template: string, handle: (call: ConversationCall) => Reply): Route[] {
  return inService(method, `/Conversations/{ConversationSid}${template}`, (call) =>
    handle({ ...call, conversation: conversations.fetchConversation(call.at, call.service.sid, call.part("ConversationSid")) }),
  );
}

function inMessage(method: Route["method"], template: string, handle: (call: MessageCall) => Reply): Route[] {
  return inConversation(method, `/Messages/{MessageSid}${template}`, (call) =>
    handle({ ...call, message: messages.fetchMessage(call.at, call.conversation, call.part("MessageSid")) }),
  );
}

function ofUser(method: Route["method"], template: string, handle: (call: UserCall) => Reply): Route[] {
  return inService(method, `/Users/{UserSid}${template}`, (call) =>
    handle({ ...call, user: users.fetchUser(call.at, call.service.sid, call.part("UserSid")) }),
  );
}

const serviceRoutes: Route[] = [
  route("GET", "/v1/Configuration", ({ at }) => ok(configuration.configurationBody(configuration.fetchConfiguration(at), ROOT))),
  route("POST", "/v1/Configuration", ({ at, params }) =>
    ok(configuration.configurationBody(configuration.updateConfiguration(at, params), ROOT)),
  ),
  route("GET", "/v1/Services", (call) =>
    v1List(call, HOST, {
      key: "services",
      rows: call.at.domain.find.servicesOf(call.at.accountSid),
      body: (service) => services.serviceBody(service, ROOT),
      max: LARGE,
    }),
  ),
  route("POST", "/v1/Services", ({ at, params }) => created(services.serviceBody(services.createService(at, params), ROOT))),
  route("GET", "/v1/Services/{ServiceSid}", ({ at, part }) =>
    ok(services.serviceBody(services.fetchService(at, part("ServiceSid")), ROOT)),
  ),
  route("DELETE", "/v1/Services/{ServiceSid}", ({ at, part }) => {
    services.removeService(at, services.fetchService(at, part("ServiceSid")));
    return noContent();
  }),
  route("GET", "/v1/Services/{ServiceSid}/Configuration", ({ at, part }) =>
    ok(services.serviceConfigurationBody(services.fetchService(at, part("ServiceSid")), ROOT)),
  ),
  route("POST", "/v1/Services/{ServiceSid}/Configuration", ({ at, params, part }) => {
    const service = services.fetchService(at, part("ServiceSid"));
    return ok(services.serviceConfigurationBody(services.updateServiceConfiguration(at, service, params), ROOT));
  }),
];

const roleRoutes: Route[] = [
  ...inService("GET", "/Roles", (call) =>
    v1List(call, HOST, {
      key: "roles",
      rows: call.at.domain.find.rolesIn(call.service.sid),
      body: (role) => roles.roleBody(role, call.place.root),
      max: SMALL,
    }),
  ),
  ...inService("POST", "/Roles", ({ at, params, place, service }) =>
    created(roles.roleBody(roles.createRole(at, service.sid, params), place.root)),
  ),
  ...inService("GET", "/Roles/{RoleSid}", ({ at, part, place, service }) =>
    ok(roles.roleBody(roles.fetchRole(at, service.sid, part("RoleSid")), place.root)),
  ),
  ...inService("POST", "/Roles/{RoleSid}", ({ at, params, part, place, service }) =>
    ok(roles.roleBody(roles.updateRole(at, roles.fetchRole(at, service.sid, part("RoleSid")), params), place.root)),
  ),
  ...inService("DELETE", "/Roles/{RoleSid}", ({ at, part, service }) => {
    roles.removeRole(at, roles.fetchRole(at, service.sid, part("RoleSid")));
    return noContent();
  }),
];

const userRoutes: Route[] = [
  ...inService("GET", "/Users", (call) =>
    v1List(call, HOST, {
      key: "users",
      rows: call.at.domain.find.usersIn(call.service.sid),
      body: (user) => users.userBody(user, call.at, call.place.root),
      max: SMALL,
    }),
  ),
  ...inService("POST", "/Users", ({ at, params, place, service }) =>
    created(users.userBody(users.createUser(at, service.sid, params), at, place.root)),
  ),
  ...ofUser("GET", "", ({ at, place, user }) => ok(users.userBody(user, at, place.root))),
  ...ofUser("POST", "", ({ at, params, place, user }) => ok(users.userBody(users.updateUser(at, user, params), at, place.root))),
  ...ofUser("DELETE", "", ({ at, user }) => {
    users.removeUser(at, user);
    return noContent();
  }),
  ...ofUser("GET", "/Conversations", (call) =>
    v1List(call, HOST, {
      key: "conversations",
      rows: userViews.listUserConversations(call.at, call.user),
      body: (view) => userViews.userConversationBody(view, call.at, call.place),
      max: SMALL,
    }),
  ),
  ...ofUser("GET", "/Conversations/{ConversationSid}", ({ at, part, place, user }) =>
    ok(userViews.userConversationBody(userViews.fetchUserConversation(at, user, part("ConversationSid")), at, place)),
  ),
  ...ofUser("POST", "/Conversations/{ConversationSid}", ({ at, params, part, place, user }) => {
    const view = userViews.fetchUserConversation(at, user, part("ConversationSid"));
    return ok(userViews.userConversationBody(userViews.updateUserConversation(at, view, params), at, place));
  }),
  ...ofUser("DELETE", "/Conversations/{ConversationSid}", ({ at, part, user }) => {
    participants.removeParticipant(at, userViews.fetchUserConversation(at, user, part("ConversationSid")).participant);
    return noContent();
  }),
];

const conversationRoutes: Route[] = [
  ...inService("GET", "/ParticipantConversations", (call) =>
    v1List(call, HOST, {
      key: "conversations",
      rows: participantViews.listParticipantConversations(call.at, call.service.sid, call.params),
      body: (view) => participantViews.participantConversationBody(view, call.at, call.place),
      max: SMALL,
    }),
  ),
  ...inService("POST", "/ConversationWithParticipants", ({ at, params, place, service }) => {
    const conversation = createWithParticipants(at, service, params);
    const status = conversation.pendingParticipants.length > 0 ? 202 : 201;
    return { status, body: conversations.conversationBody(conversation, place, { withExport: false }) };
  }),
  ...inService("GET", "/Conversations", (call) =>
    v1List(call, HOST, {
      key: "conversations",
      rows: conversations.listConversations(call.at, call.service.sid, call.params),
      body: (conversation) => conversations.conversationBody(conversation, call.place),
      order: latestFirst,
      max: LARGE,
    }),
  ),
  ...inService("POST", "/Conversations", ({ at, params, place, service }) =>
    created(
      conversations.conversationBody(conversations.createConversation(at, service, conversations.readConversation(at, params)), place),
    ),
  ),
  ...inConversation("GET", "", ({ conversation, place }) => ok(conversations.conversationBody(conversation, place))),
  ...inConversation("POST", "", ({ at, conversation, params, place }) =>
    ok(conversations.conversationBody(conversations.updateConversation(at, conversation, params), place)),
  ),
  ...inConversation("DELETE", "", ({ at, conversation }) => {
    conversations.removeConversation(at, conversation);
    return noContent();
  }),
];

const participantRoutes: Route[] = [
  ...inConversation("GET", "/Participants", (call) =>
    v1List(call, HOST, {
      key: "participants",
      rows: call.at.domain.find.participantsIn(call.conversation.sid),
      body: (participant) => participants.participantBody(participant, call.place),
      max: LARGE,
    }),
  ),
  ...inConversation("POST", "/Participants", ({ at, conversation, params, place }) =>
    created(participants.participantBody(participants.addParticipant(at, conversation, participants.readParticipant(params)), place)),
  ),
  ...inConversation("GET", "/Participants/{ParticipantSid}", ({ at, conversation, part, place }) =>
    ok(participants.participantBody(participants.fetchParticipant(at, conversation, part("ParticipantSid")), place)),
  ),
  ...inConversation("POST", "/Participants/{ParticipantSid}", ({ at, conversation, params, part, place }) => {
    const participant = participants.fetchParticipant(at, conversation, part("ParticipantSid"));
    return ok(participants.participantBody(participants.updateParticipant(at, conversation, participant, params), place));
  }),
  ...inConversation("DELETE", "/Participants/{ParticipantSid}", ({ at, conversation, part }) => {
    participants.removeParticipant(at, participants.fetchParticipant(at, conversation, part("ParticipantSid")));
    return noContent();
  }),
];

const messageRoutes: Route[] = [
  ...inConversation("GET", "/Messages", (call) =>
    v1List(call, HOST, {
      key: "messages",
      rows: call.at.domain.find.messagesIn(call.conversation.sid),
      body: (message) => messages.messageBody(message, call.at, call.place),
      order: call.params.word("Order", ["asc", "desc"]) === "desc" ? newestFirst : oldestFirst,
      max: LARGE,
    }),
  ),
  ...inConversation("POST", "/Messages", ({ at, conversation, params, place }) =>
    created(messages.messageBody(messages.addMessage(at, conversation, messages.readMessage(at, conversation, params)), at, place)),
  ),
  ...inMessage("GET", "", ({ at, message, place }) => ok(messages.messageBody(message, at, place))),
  ...inMessage("POST", "", ({ at, conversation, message, params, place }) =>
    ok(messages.messageBody(messages.updateMessage(at, conversation, message, params), at, place)),
  ),
  ...inMessage("DELETE", "", ({ at, message }) => {
    messages.removeMessage(at, message);
    return noContent();
  }),
  ...inMessage("GET", "/Receipts", (call) =>
    v1List(call, HOST, {
      key: "delivery_receipts",
      rows: call.at.domain.find.receiptsOf(call.message.sid),
      body: (receipt) => receipts.receiptBody(receipt, call.place),
      max: SMALL,
    }),
  ),
  ...inMessage("GET", "/Receipts/{ReceiptSid}", ({ at, message, part, place }) =>
    ok(receipts.receiptBody(receipts.fetchReceipt(at, message, part("ReceiptSid")), place)),
  ),
];

export const conversationsRoutes: Route[] = [
  ...serviceRoutes,
  ...roleRoutes,
  ...userRoutes,
  ...conversationRoutes,
  ...participantRoutes,
  ...messageRoutes,
];
