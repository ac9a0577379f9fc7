/** The SDK's routes for configuration, the user's own conversations, other users, and typing. */
import { fail } from "../errors";
import { ok, type Reply, type Route } from "../http/router";
import { urlAt } from "../http/tunnel";
import * as conversations from "../resources/conversation";
import { findParticipant } from "../resources/participant-table";
import * as users from "../resources/user";
import * as userViews from "../resources/user-conversation";
import { type SdkCall, sdkRoute } from "./call";
import { descriptionOf, syncNames, visibleConversation } from "./conversation-routes";
import { permit, permitOwn, requireParticipant } from "./permissions";
import { nameOf } from "./sync/objects";

const ROOT = "https://aim.us1.twilio.com/Client/v2";
const MEDIA_HOST = "mcs.us1.twilio.com";
/** How long clients show that somebody is typing. */
const TYPING_TIMEOUT_S = 5;
const PAGE_SIZE = 100;

function configuration({ base, service, user }: SdkCall): Reply {
  const me = `${ROOT}/Users/${user.sid}`;
  const media = `${urlAt(base, MEDIA_HOST)}/v1/Services/${service.sid}`;
  return ok({
    identity: user.identity,
    links: {
      my_conversations: `${me}/Conversations`,
      conversations: `${ROOT}/Conversations`,
      users: `${ROOT}/Users`,
      current_user: me,
      typing: `${ROOT}/Typing`,
      media_service: `${media}/Media`,
      media_set_service: `${media}/MediaSet`,
      messages_receipts: `${ROOT}/Conversations/%s/Messages/%s/Receipts`,
    },
    sync_objects: { my_user_info: nameOf(user, "user_info"), my_conversations: nameOf(user, "my_conversations") },
    options: {
      reachability_enabled: service.reachabilityEnabled,
      user_infos_to_subscribe: 100,
      http_cache_interval: "PT5S",
      consumption_report_interval: "PT5S",
      media_attachments_count_limit: 10,
      media_attachment_size_limit_in_mb: 150,
      media_attachments_total_size_limit_in_mb: 150,
      email_histories_allowed_mime_types: ["text/plain"],
      email_bodies_allowed_mime_types: ["text/plain"],
    },
  });
}

type View = ReturnType<typeof userViews.fetchUserConversation>;

function membershipBody({ scope }: SdkCall, view: View) {
  return {
    ...descriptionOf(view.conversation),
    conversation_sid: view.conversation.sid,
    status: "joined",
    sync_objects: syncNames(view.conversation),
    last_read_message_index: view.participant.lastReadIndex,
    notification_level: view.participant.notificationLevel,
    unread_messages_count: userViews.unread(scope, view),
  };
}

/** Returns one of the user's own conversations. Users cannot see the conversations of other users. */
function ownConversation(call: SdkCall): View {
  checkOwn(call);
  requireParticipant(call, visibleConversation(call, call.part("Conversation")));
  return userViews.fetchUserConversation(call.scope, call.user, call.part("Conversation"));
}

/** What a user sees of a conversation: its membership, or its description before the user joins. */
function seenConversation(call: SdkCall): object {
  checkOwn(call);
  const conversation = visibleConversation(call, call.part("Conversation"));
  if (findParticipant(call.scope, conversation, call.user.identity)) return membershipBody(call, ownConversation(call));
  return { ...descriptionOf(conversation), conversation_sid: conversation.sid, status: "notParticipating" };
}

function checkOwn({ user, part }: SdkCall): void {
  if (part("User") !== user.sid && part("User") !== user.identity) throw fail(54007);
}

/** All routes of this file. */
export const sdkUserRoutes: Route<SdkCall>[] = [
  sdkRoute("GET", "/Configuration", configuration),
  sdkRoute("GET", "/Users/{User}/Conversations", (call) => {
    checkOwn(call);
    const views = userViews.listUserConversations(call.scope, call.user);
    const start = Number(call.query.get("PageToken") ?? 0) || 0;
    const end = start + PAGE_SIZE;
    return ok({
      conversations: views.slice(start, end).map((view) => membershipBody(call, view)),
      meta: { previous_token: null, next_token: end < views.length ? String(end) : null },
    });
  }),
  sdkRoute("GET", "/Users/{User}/Conversations/{Conversation}", (call) => ok(seenConversation(call))),
  sdkRoute("POST", "/Users/{User}/Conversations/{Conversation}", (call) => {
    const view = ownConversation(call);
    if (call.params.has("NotificationLevel")) permit(call, "editNotificationLevel", view.conversation);
    return ok(membershipBody(call, userViews.updateUserConversation(call.scope, view, call.params)));
  }),
  sdkRoute("GET", "/Users/{User}", (call) => ok(userBody(call, users.fetchUser(call.scope, call.service.sid, call.part("User"))))),
  sdkRoute("POST", "/Users/{User}", (call) => {
    const user = users.fetchUser(call.scope, call.service.sid, call.part("User"));
    permitOwn(call, user.sid === call.user.sid, ["editOwnUserInfo", "editAnyUserInfo"]);
    return ok(userBody(call, users.updateUser(call.scope, user, call.params.only(["FriendlyName", "Attributes"]))));
  }),
  sdkRoute("POST", "/Typing", (call) => {
    const conversation = conversations.fetchConversation(call.scope, call.service.sid, call.params.text("ChannelSid") ?? "");
    requireParticipant(call, conversation);
    call.afterReply(() => call.connection.sendTyping(conversation.sid));
    return ok({ typing_timeout: TYPING_TIMEOUT_S });
  }),
  sdkRoute("GET", "/ContentTemplates", () => ok({ templates: [], meta: { next_token: null } })),
];

function userBody({ scope }: SdkCall, user: users.UserRecord) {
  return { ...users.userBody(user, scope, ROOT), sync_objects: { user_info_map: nameOf(user, "user_info") } };
}

/** The payload of the typing notification. */
export function typingBody(conversationSid: string, identity: string) {
  return { channel_sid: conversationSid, identity, typing_timeout: TYPING_TIMEOUT_S };
}
