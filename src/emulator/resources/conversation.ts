/** Conversations (CH). Their states and timers are in conversation-state.ts. */
import { isoDate, parseDate } from "../dates";
import type { Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes, nestedPrefix } from "../http/crud";
import { latestFirst } from "../http/paging";
import { given, type Params } from "../http/params";
import type { Reply } from "../http/router";
import { isSid } from "../sid";
import { CONVERSATION_ATTRIBUTES, checkAttributes, checkEmail, checkLength } from "./checks";
import { fetchConfiguration } from "./configuration";
import { announceState, withTimers } from "./conversation-state";
import {
  type ConversationRecord,
  type ConversationSettings,
  type ConversationState,
  conversationTable,
  type FirstText,
  type ParticipantInput,
  removeConversation,
  STATES,
} from "./conversation-table";
import type { Endpoints } from "./endpoints";
import { checkMessagingService } from "./messaging-service";
import type { ServiceRecord } from "./service";
import { inService, type PathForm, type ServiceCall } from "./service-path";
import { parseTimer } from "./timers";

type ConversationInput = Partial<ConversationSettings> & { dateCreated?: number; dateUpdated?: number };

/** Who created a conversation that no SDK user created. */
export const CREATED_BY_REST = "system";

/** The parameters that an update accepts. */
const PARAMETERS = [
  ...["FriendlyName", "UniqueName", "Attributes", "MessagingServiceSid", "State", "Timers.Inactive", "Timers.Closed"],
  ...["DateCreated", "DateUpdated", "Bindings.Email.Address", "Bindings.Email.Name"],
];

/** Reads the parameters and checks each by itself. */
export function readConversation(scope: Scope, params: Params): ConversationInput {
  const friendlyName = params.nullable("FriendlyName");
  const uniqueName = params.nullable("UniqueName");
  const attributes = params.text("Attributes");
  const messagingServiceSid = params.text("MessagingServiceSid");
  const emailAddress = params.nullable("Bindings.Email.Address");
  const inactiveTimer = params.text("Timers.Inactive");
  const closedTimer = params.text("Timers.Closed");
  if (friendlyName) checkLength(friendlyName, 256, 50003);
  if (uniqueName) checkUniqueName(uniqueName);
  return given<ConversationSettings & { dateCreated: number; dateUpdated: number }>({
    friendlyName,
    uniqueName,
    attributes: attributes === undefined ? undefined : checkAttributes(attributes, CONVERSATION_ATTRIBUTES),
    messagingServiceSid: messagingServiceSid === undefined ? undefined : checkMessagingService(scope, messagingServiceSid),
    state: readState(params.text("State")),
    inactiveTimer: inactiveTimer === undefined ? undefined : parseTimer(inactiveTimer, "inactive"),
    closedTimer: closedTimer === undefined ? undefined : parseTimer(closedTimer, "closed"),
    emailAddress: emailAddress ? checkEmail(emailAddress, "Bindings.Email.Address") : emailAddress,
    emailName: params.nullable("Bindings.Email.Name"),
    ...readDates(params),
  });
}

/** Reads DateCreated and DateUpdated. Twilio accepts them so that old conversations can be imported. */
export function readDates(params: Params): { dateCreated?: number; dateUpdated?: number } {
  const created = params.text("DateCreated");
  const updated = params.text("DateUpdated");
  const dateCreated = created ? parseDate(created) : undefined;
  const dateUpdated = updated ? parseDate(updated) : undefined;
  if (created && dateCreated === undefined) throw fail(50308);
  if (updated && dateUpdated === undefined) throw fail(50309);
  return given<{ dateCreated: number; dateUpdated: number }>({ dateCreated, dateUpdated });
}

function checkUniqueName(name: string): void {
  checkLength(name, 256, 50004);
  if (isSid("CH", name)) throw fail(50390);
}

function readState(text: string | undefined): ConversationState | undefined {
  if (text === undefined) return undefined;
  if (text === "") throw fail(50374);
  const state = STATES.find((candidate) => candidate === text);
  if (!state) throw fail(50378);
  return state;
}

/** Creates a conversation. `pendingParticipants` are added later; `text` is the text message that creates it. */
export function createConversation(
  scope: Scope,
  service: ServiceRecord,
  input: ConversationInput,
  { pendingParticipants = [], text }: { pendingParticipants?: ParticipantInput[]; text?: FirstText } = {},
): ConversationRecord {
  if (input.state === "closed") throw fail(50384);
  if (input.state === undefined && (input.inactiveTimer != null || input.closedTimer != null)) throw fail(50382);
  if (input.uniqueName) checkNameIsFree(scope, service.sid, input.uniqueName);
  const defaults = fetchConfiguration(scope);
  const base = scope.domain.base(scope.accountSid, "CH");
  const conversation = conversationTable.insert(
    scope,
    withTimers(
      {
        ...base,
        serviceSid: service.sid,
        friendlyName: null,
        uniqueName: null,
        attributes: "{}",
        messagingServiceSid: defaults.defaultMessagingServiceSid,
        state: "active",
        inactiveTimer: defaults.defaultInactiveTimer === null ? null : parseTimer(defaults.defaultInactiveTimer, "inactive"),
        closedTimer: defaults.defaultClosedTimer === null ? null : parseTimer(defaults.defaultClosedTimer, "closed"),
        emailAddress: null,
        emailName: null,
        dateInactive: null,
        dateClosed: null,
        nextIndex: 0,
        createdBy: scope.origin.clientIdentity ?? CREATED_BY_REST,
        pendingParticipants,
        pendingOrigin: pendingParticipants.length > 0 ? scope.origin : null,
        ...input,
        ...amendmentsOf(scope),
      },
      base.dateCreated,
    ),
  );
  scope.domain.announce(scope, "conversationAdded", { conversation, ...(text ? { text } : {}) });
  return conversation;
}

function amendmentsOf({ amendments }: Scope): Partial<ConversationSettings> {
  const { friendlyName } = amendments?.conversation ?? {};
  return friendlyName === undefined ? {} : { friendlyName: checkLength(friendlyName, 256, 50003) };
}

function checkNameIsFree(scope: Scope, serviceSid: string, uniqueName: string): void {
  // A closed conversation keeps its name.
  if (conversationTable.in(scope.domain).by.uniqueName(`${serviceSid} ${uniqueName}`).length > 0) throw fail(50353);
}

export function updateConversation(scope: Scope, conversation: ConversationRecord, params: Params): ConversationRecord {
  if (conversation.state === "closed") throw fail(50377);
  const input = readConversation(scope, params);
  // A caller who created it as `initializing` must be able to activate it. Twilio's own `initializing` ends by itself.
  const isActivation = input.state === "active" && conversation.pendingParticipants.length === 0;
  if (conversation.state === "initializing" && !isActivation) throw fail(50386);
  if (!params.hasAny(PARAMETERS)) throw fail(20161);
  if (input.state === "initializing") throw fail(50378);
  if (input.uniqueName && input.uniqueName !== conversation.uniqueName) checkNameIsFree(scope, conversation.serviceSid, input.uniqueName);

  const now = scope.domain.now();
  const hasTimers = input.inactiveTimer !== undefined || input.closedTimer !== undefined;
  const next = { ...conversation, dateUpdated: now, ...input, ...amendmentsOf(scope) };
  const updated = conversationTable.in(scope.domain).put(hasTimers || next.state !== conversation.state ? withTimers(next, now) : next);
  scope.domain.announce(scope, "conversationUpdated", { conversation: updated, previous: conversation });
  announceState(scope, conversation, updated, "API");
  return updated;
}

/** Finds it by SID or by unique name. */
export function fetchConversation(scope: Scope, serviceSid: string, sidOrName: string): ConversationRecord {
  const bySid = conversationTable.in(scope.domain).get(sidOrName);
  const conversation =
    bySid?.serviceSid === serviceSid ? bySid : conversationTable.in(scope.domain).by.uniqueName(`${serviceSid} ${sidOrName}`)[0];
  if (!conversation) throw new NotFound();
  return conversation;
}

function listConversations(scope: Scope, serviceSid: string, params: Params): ConversationRecord[] {
  const state = readState(params.text("State") || undefined);
  const start = readFilterDate(params.text("StartDate"));
  const end = readFilterDate(params.text("EndDate"), true);
  if (start !== undefined && end !== undefined && end <= start) throw fail(50396);
  return conversationTable
    .in(scope.domain)
    .by.service(serviceSid)
    .filter((conversation) => state === undefined || conversation.state === state)
    .filter(({ dateCreated }) => dateCreated >= (start ?? -Infinity) && dateCreated < (end ?? Infinity));
}

/** A date without a time means the whole day. */
function readFilterDate(text: string | undefined, isEnd = false): number | undefined {
  if (!text) return undefined;
  const ms = parseDate(text);
  if (ms === undefined) throw fail(50308);
  if (!isEnd) return ms;
  return ms + (text.length === 10 ? 86_400_000 : 1000);
}

/** `timers`, as in every body of a conversation. */
export function timersBody({ dateInactive, dateClosed }: ConversationRecord) {
  return {
    ...(dateInactive === null ? {} : { date_inactive: isoDate(dateInactive) }),
    ...(dateClosed === null ? {} : { date_closed: isoDate(dateClosed) }),
  };
}

/** The response of ConversationWithParticipants has no export link. */
export function conversationBody(conversation: ConversationRecord, form: PathForm, { withExport = true } = {}) {
  const url = `${form.root}/Conversations/${conversation.sid}`;
  const { emailAddress, emailName } = conversation;
  return {
    sid: conversation.sid,
    account_sid: conversation.accountSid,
    chat_service_sid: conversation.serviceSid,
    messaging_service_sid: conversation.messagingServiceSid,
    friendly_name: conversation.friendlyName,
    unique_name: conversation.uniqueName,
    attributes: conversation.attributes,
    state: conversation.state,
    timers: timersBody(conversation),
    bindings: emailAddress === null && emailName === null ? {} : { email: { projected_address: emailAddress, name: emailName } },
    date_created: isoDate(conversation.dateCreated),
    date_updated: isoDate(conversation.dateUpdated),
    url,
    links: {
      participants: `${url}/Participants`,
      messages: `${url}/Messages`,
      webhooks: `${url}/Webhooks`,
      ...(withExport ? { export: `${url}/Export` } : {}),
    },
  };
}

/** A call within a conversation. */
export interface ConversationCall extends ServiceCall {
  conversation: ConversationRecord;
}

/** Paths below a conversation. */
export const inConversation = nestedPrefix(
  inService,
  "/Conversations/{ConversationSid}",
  (call): ConversationCall => ({ ...call, conversation: fetchConversation(call.scope, call.service.sid, call.part("ConversationSid")) }),
);

export const conversationEndpoints: Endpoints = {
  tables: [conversationTable],
  routes: {
    conversations: [
      ...crudRoutes(inService, {
        path: "/Conversations",
        id: "ConversationSid",
        key: "conversations",
        maxPageSize: 100,
        order: () => latestFirst,
        list: ({ scope, service, params }) => listConversations(scope, service.sid, params),
        body: (conversation, { form }) => conversationBody(conversation, form),
        create: ({ scope, service, params }) => createConversation(scope, service, readConversation(scope, params)),
        fetch: ({ scope, service }, sid) => fetchConversation(scope, service.sid, sid),
        update: (conversation, { scope, params }) => updateConversation(scope, conversation, params),
        remove: (conversation, { scope }) => removeConversation(scope, conversation),
      }),
      // Twilio publishes the link of a conversation to its export, but not what is there.
      ...(["GET", "POST"] as const).flatMap((method) =>
        inConversation.route(method, "/Export", (): Reply => {
          throw fail(20501, { what: "the export of a conversation" });
        }),
      ),
    ],
  },
};
