import type { Context } from "../core/lifecycle/definition";
import type { Props } from "../core/lifecycle/props";
import { UsageError } from "../core/twilio/errors";
import { verifyNames } from "../core/twilio/response";
import type { Body, Form } from "../core/twilio/twilio";
import { firstPage } from "./guard";
import { areLive, type Member, memberForm, memberOf, whoIs } from "./member";

const product = "conversations";
const longestWaitMs = 60_000;

const placeOf = (body: Body): string => `/v1/Services/${body.chat_service_sid}/Conversations/${body.sid}`;

/** Waits until Twilio has added the participants. Where it could not, deletes the closed conversation and reports why. */
export async function afterAdding(created: Body, { participants }: Props, context: Context): Promise<Body> {
  const { twilio } = context;
  const path = placeOf(created);
  const attempt = `Cannot read whether the participants of Conversation ${created.sid} were added`;
  let body = created;
  for (
    let waited = 0, step = 100;
    body.state === "initializing" && waited < longestWaitMs;
    waited += step, step = Math.min(step * 2, 5000)
  ) {
    if (!(await twilio.pause(step))) break;
    body = (await twilio.send({ attempt, product, method: "get", path })) ?? body;
    verifyNames(body, { sid: String(created.sid) }, attempt, true);
  }
  if (body.state === "initializing")
    context.log(
      "warn",
      `Twilio has not added the participants of Conversation ${created.sid} yet. Run \`pulumi up --refresh\` to see whether it did.`,
    );
  if (body.state !== "closed") return body;
  const why = await reasons(participants as Member[], created, context);
  await twilio.send({ attempt: `Cannot delete the closed Conversation ${created.sid}`, product, method: "delete", path });
  throw new UsageError(
    `Cannot create ConversationWithParticipants: Twilio accepted the request, but could not add the participants, and closed Conversation ` +
      `${created.sid}, which is deleted now. ${why}`,
    "participants",
  );
}

/** Who could not be added, as far as the conversations of the addresses show it. */
async function reasons(members: readonly Member[], created: Body, context: Context): Promise<string> {
  const found = await Promise.all(members.map((member, index) => reasonOf(member, index, created, context)));
  const known = found.filter((reason) => reason !== undefined);
  if (known.length > 0)
    return `${known.join(" ")} Remove the participant there, or close or delete that conversation, then run \`pulumi up\` again.`;
  return "Twilio does not report which participant it could not add; none of them is bound in another open conversation. Run `pulumi up` again.";
}

async function reasonOf(member: Member, index: number, { chat_service_sid: service, sid }: Body, { twilio }: Context) {
  const { address, proxyAddress } = member.sms ?? member.whatsapp ?? member.rcs ?? member.messenger ?? {};
  if (address === undefined) return undefined;
  // The pair may be in any service; Twilio lists the conversations of one.
  const places = [`/v1/Services/${service}`, "/v1"];
  for (const place of places) {
    const rows = await firstPage(twilio, {
      attempt: "Cannot look for the conversations of a participant",
      path: `${place}/ParticipantConversations`,
      key: "conversations",
      query: { Address: address, PageSize: "50" },
      names: {},
    });
    const holder = rows.find(
      (row) =>
        row.conversation_state !== "closed" &&
        row.conversation_sid !== sid &&
        (row.participant_messaging_binding as Props | null)?.proxy_address === proxyAddress,
    );
    // An address may be secret.
    if (holder) return `The pair of participants[${index}] is bound in Conversation ${holder.conversation_sid}.`;
  }
  return undefined;
}

/** Adds the participants to a response. */
export async function withMembers(body: Body, { twilio }: Context): Promise<Body> {
  return { ...body, participants: await allIn(placeOf(body), String(body.sid), twilio) };
}

async function allIn(path: string, conversation: string, twilio: Context["twilio"]): Promise<Body[]> {
  const attempt = `Cannot list the participants of Conversation ${conversation}`;
  const found: Body[] = [];
  for await (const body of twilio.list({ attempt, product, path: `${path}/Participants`, query: { PageSize: "100" } }, "participants")) {
    verifyNames(body, { conversation_sid: conversation }, attempt);
    found.push(body);
  }
  return found;
}

/** Removes who is no longer declared, then adds who is missing, one after the other: Twilio refuses two writes at once. */
export async function addAndRemove(id: string, olds: Props, news: Props, { twilio }: Context): Promise<boolean> {
  const [service, conversation] = id.split("/") as [string, string];
  const wanted = news.participants as Member[];
  const former = (olds.participants ?? []) as Member[];
  // After a drift, the state has everybody who is there, also those who were never declared.
  const isDrift = areLive(former);
  const isSame = !isDrift && former.length === wanted.length && former.every((one) => wanted.some((each) => whoIs(each) === whoIs(one)));
  if (isSame) return false;
  const path = `/v1/Services/${service}/Conversations/${conversation}`;
  const there = new Map((await allIn(path, conversation, twilio)).map((body) => [whoIs(memberOf(body)), String(body.sid)]));
  const kept = new Set(wanted.map(whoIs));
  const removed = isDrift ? [] : former.map(whoIs).filter((one) => !kept.has(one) && there.has(one));
  for (const sid of removed.map((one) => there.get(one) as string)) {
    const attempt = `Cannot remove Participant ${sid} from Conversation ${conversation}`;
    await twilio.send({ attempt, product, method: "delete", path: `${path}/Participants/${sid}` });
  }
  const added = wanted.filter((one) => !there.has(whoIs(one)));
  for (const one of added) {
    const attempt = `Cannot add participants[${wanted.indexOf(one)}] to Conversation ${conversation}`;
    await twilio.send({ attempt, product, method: "post", path: `${path}/Participants`, form: formOf(one) });
  }
  return removed.length + added.length > 0;
}

/** The form of one participant. */
function formOf(one: Member): Form {
  const { identity, messaging_binding: binding = {} } = memberForm(one) as {
    identity?: string;
    messaging_binding?: Record<string, string>;
  };
  const values = {
    Identity: identity,
    "MessagingBinding.Address": binding.address,
    "MessagingBinding.ProxyAddress": binding.proxy_address,
    "MessagingBinding.ProjectedAddress": binding.projected_address,
  };
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
