import type { Context } from "../core/lifecycle/definition";
import { verifyNames } from "../core/twilio/response";
import type { Body } from "../core/twilio/twilio";
import { firstPage, type Losses, messagesOf, nameConversation } from "./guard";
import { twiliosRoles } from "./role-facts";
import { hasOwnData } from "./user-facts";

// Enough to see what is at stake, and no more calls than a person would wait for.
const maxDescribed = 5;
// Twenty pages. A service with more users is not one that only this stack uses.
const maxUsers = 1000;

/** What a service holds, in words; `undefined` where nothing would be lost with it that Twilio did not create itself. */
export async function contentsOf(id: string, context: Context): Promise<Losses | undefined> {
  const found = await Promise.all([conversationsIn(id, context), rolesAndUsersOf(id, context), webhooksOf(id, context)]);
  const losses = found.flatMap((loss) => loss ?? []);
  const [first] = losses;
  return first && { first: first.first, all: losses.map(({ all }) => all).join("; ") };
}

/** The conversations of a service. */
async function conversationsIn(id: string, context: Context): Promise<Losses | undefined> {
  const found = await firstPage(context.twilio, {
    attempt: `Cannot list the conversations of ConversationService ${id}`,
    path: `/v1/Services/${id}/Conversations`,
    key: "conversations",
    query: { PageSize: "100" },
    names: { chat_service_sid: id },
  });
  const named = (body: Body) => `conversation ${nameConversation(body)}`;
  const describe = async (body: Body) => `${named(body)} with ${(await messagesOf(`${id}/${body.sid}`, context))?.all ?? "no messages"}`;
  const described = await Promise.all(found.slice(0, maxDescribed).map(describe));
  return lossesOf(found, described, found[0] && named(found[0]), found.length === 100);
}

/** The roles that somebody created, and the users that somebody changed. */
async function rolesAndUsersOf(id: string, context: Context): Promise<Losses | undefined> {
  const [roles, users, configuration] = await Promise.all([
    membersOf(id, "roles", context),
    membersOf(id, "users", context),
    settingsOf(id, "Configuration", context),
  ]);
  const unseen = new Map(twiliosRoles);
  const others = roles.filter(({ friendly_name: name, type }) => {
    const isTwilios = unseen.get(name) === type;
    if (isTwilios) unseen.delete(name);
    return !isTwilios;
  });
  // A participant with a new identity creates a user, with the role that is the default at that time.
  const standard = roles.find(({ friendly_name: name, type }) => name === "service user" && type === "service")?.sid;
  const startingRoles = [standard, configuration?.default_chat_service_role_sid, undefined, null];
  const changed = users.filter((user) => hasOwnData(user) || !startingRoles.includes(user.role_sid as string));
  const words = [
    ...others.map(({ sid, friendly_name: name }) => `role ${sid} (${JSON.stringify(name)})`),
    ...changed.map(({ sid }) => `user ${sid}, who has attributes, a name or a role`),
    ...(changed.length === 0 && users.length > maxUsers ? [`more than ${maxUsers} users`] : []),
  ];
  return lossesOf(words, words.slice(0, maxDescribed), words[0], false);
}

/** The addresses that the service reports its events to. Names only: a URL may contain a password. */
async function webhooksOf(id: string, context: Context): Promise<Losses | undefined> {
  const settings = await settingsOf(id, "Configuration/Webhooks", context);
  const set = ["pre_webhook_url", "post_webhook_url"].filter((key) => settings?.[key]);
  return set.length === 0 ? undefined : { first: "webhooks", all: `its webhooks (${set.join(", ")})` };
}

/** The roles or users of a service: all, or one more than the largest number of users that is looked at. */
async function membersOf(id: string, key: "roles" | "users", { twilio }: Context): Promise<Body[]> {
  const attempt = `Cannot list the ${key} of ConversationService ${id}`;
  const path = `/v1/Services/${id}/${key === "roles" ? "Roles" : "Users"}`;
  const found: Body[] = [];
  for await (const body of twilio.list({ attempt, product: "conversations", path, query: { PageSize: "50" } }, key)) {
    verifyNames(body, { chat_service_sid: id }, attempt);
    found.push(body);
    if (found.length > maxUsers) break;
  }
  return found;
}

/** One of the settings of a service. */
export async function settingsOf(id: string, name: string, { twilio }: Pick<Context, "twilio">): Promise<Body | undefined> {
  const attempt = `Cannot read the configuration of ConversationService ${id}`;
  const body = await twilio.send({ attempt, product: "conversations", method: "get", path: `/v1/Services/${id}/${name}` });
  if (body) verifyNames(body, { chat_service_sid: id }, attempt, true);
  return body;
}

function lossesOf(found: readonly unknown[], described: readonly string[], first: string | undefined, isPage: boolean): Losses | undefined {
  if (first === undefined) return undefined;
  const more = found.length - described.length;
  const rest = more > 0 ? [`and ${isPage ? "at least " : ""}${more} more`] : [];
  return { first, all: [...described, ...rest].join("; ") };
}
