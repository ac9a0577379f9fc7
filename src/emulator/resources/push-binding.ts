/** Push bindings (BS) of a service. The SDK registers them; REST lists and deletes them. The emulator sends no push notification. */
import { isoDate } from "../dates";
import type { Scope } from "../domain";
import { invalidParameter, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import type { Params } from "../http/params";
import type { Endpoints } from "./endpoints";
import { BINDING_TYPES, type PushBindingRecord, type PushBindingType, pushBindingTable } from "./push-binding-table";
import { serviceTable } from "./service";
import { inNamedService } from "./service-path";
import { type UserRecord, userTable } from "./user";

const MESSAGE_TYPES = ["new_message", "added_to_conversation", "removed_from_conversation"];

/** What a device sends to be notified. */
interface Registration {
  type: string;
  endpoint: string;
  messageTypes: readonly string[];
  credentialSid: string | null;
}

function checkType(text: string): PushBindingType {
  const type = BINDING_TYPES.find((candidate) => candidate === text);
  if (!type) throw invalidParameter("BindingType", text);
  return type;
}

/** Adds a device, or moves it to the user who signs in on it now. */
export function register(scope: Scope, user: UserRecord, registration: Registration): PushBindingRecord {
  const type = checkType(registration.type);
  const { endpoint, credentialSid } = registration;
  if (endpoint === "") throw invalidParameter("data.registration_id", endpoint);
  // The SDK's names start with the product: `twilio.conversations.new_message`.
  const named = registration.messageTypes.map((name) => name.split(".").at(-1) ?? name);
  const messageTypes = MESSAGE_TYPES.filter((name) => named.includes(name));
  const values = { userSid: user.sid, identity: user.identity, credentialSid, messageTypes };
  const [known] = pushBindingTable.in(scope.domain).by.device(`${user.serviceSid} ${type} ${endpoint}`);
  const binding = known
    ? pushBindingTable.update(scope, known, values)
    : pushBindingTable.insert(scope, { serviceSid: user.serviceSid, type, endpoint, ...values });
  announceReachability(scope, [user.sid, ...(known ? [known.userSid] : [])]);
  return binding;
}

/** Deletes what a user registered: one binding by its SID, or a device by its type and name. Unknown ones are ignored. */
export function unregister(
  scope: Scope,
  user: UserRecord,
  { sid, type, endpoint }: { sid?: string; type?: string; endpoint?: string },
): void {
  const bindings = pushBindingTable.in(scope.domain).by.user(user.sid);
  for (const binding of bindings) {
    if (binding.sid === sid || (binding.type === type && binding.endpoint === endpoint)) removeBinding(scope, binding);
  }
}

function removeBinding(scope: Scope, binding: PushBindingRecord): void {
  pushBindingTable.remove(scope, binding);
  announceReachability(scope, [binding.userSid]);
}

function announceReachability(scope: Scope, userSids: readonly string[]): void {
  for (const sid of new Set(userSids)) {
    const user = userTable.in(scope.domain).get(sid);
    if (user && serviceTable.in(scope.domain).get(user.serviceSid)?.reachabilityEnabled) {
      scope.domain.announce(scope, "presenceUpdated", { user });
    }
  }
}

function listBindings(scope: Scope, serviceSid: string, params: Params): PushBindingRecord[] {
  const types = params.all("BindingType")?.map(checkType);
  const identities = params.all("Identity");
  return pushBindingTable
    .in(scope.domain)
    .by.service(serviceSid)
    .filter(({ type, identity }) => (types?.includes(type) ?? true) && (identities?.includes(identity) ?? true));
}

function fetchBinding(scope: Scope, serviceSid: string, sid: string): PushBindingRecord {
  const binding = pushBindingTable.in(scope.domain).get(sid);
  if (binding?.serviceSid !== serviceSid) throw new NotFound();
  return binding;
}

const bindingBody = (binding: PushBindingRecord, root: string) => ({
  sid: binding.sid,
  account_sid: binding.accountSid,
  chat_service_sid: binding.serviceSid,
  credential_sid: binding.credentialSid,
  identity: binding.identity,
  endpoint: binding.endpoint,
  binding_type: binding.type,
  message_types: binding.messageTypes,
  date_created: isoDate(binding.dateCreated),
  date_updated: isoDate(binding.dateUpdated),
  url: `${root}/Bindings/${binding.sid}`,
});

export const pushBindingEndpoints: Endpoints = {
  tables: [pushBindingTable],
  routes: {
    conversations: crudRoutes(inNamedService, {
      path: "/Bindings",
      id: "BindingSid",
      key: "bindings",
      maxPageSize: 100,
      list: ({ scope, service, params }) => listBindings(scope, service.sid, params),
      body: (binding, { form }) => bindingBody(binding, form.root),
      fetch: ({ scope, service }, sid) => fetchBinding(scope, service.sid, sid),
      remove: (binding, { scope }) => removeBinding(scope, binding),
    }),
  },
};
