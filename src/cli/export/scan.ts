import type { Body } from "../../core/lifecycle/definition";
import { UsageError } from "../../core/twilio/errors";
import type { Twilio } from "../../core/twilio/twilio";
import { inParallel } from "../in-parallel";
import type { Progress } from "../progress";
import type { Account, Found, FoundConversation, FoundService, Kind, LeftOut } from "./account";
import { reader } from "./reader";
import type { ScanFile } from "./scan-file";
import { withoutResource } from "./without-resource";

interface Scan {
  readonly twilio: Twilio;
  readonly file: ScanFile;
  readonly progress: Progress;
  /** What is wanted. */
  readonly include: ReadonlySet<Kind>;
  /** A service by its SID or friendly name, if only that is wanted. */
  readonly service: string | undefined;
}

/** Reads an account, and changes nothing. What the scan file holds already is not asked for again. */
export async function scan({ twilio, file, progress, include, service }: Scan): Promise<Account> {
  const read = reader(twilio, file, progress);
  const leftOut: LeftOut[] = [];
  const numbersPath = `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers.json`;
  progress.stage("numbers");
  const numbers = include.has("numbers") ? await read.list("api", numbersPath, "incoming_phone_numbers") : [];

  progress.stage("services");
  const configuration = await read.one("conversations", "/v1/Configuration");
  const all = (await read.list("conversations", "/v1/Services", "services")) ?? [];
  const listed = all.filter(({ sid, friendly_name }) => service === undefined || sid === service || friendly_name === service);
  if (listed.length === 0 && service !== undefined) {
    const there = all.map(({ sid, friendly_name }) => `${sid} (${JSON.stringify(friendly_name)})`).join(", ");
    throw new UsageError(
      `account ${twilio.accountSid} has no conversation service ${JSON.stringify(service)}; there is ${there || "none"}.`,
    );
  }

  progress.stage("conversations");
  const goesInside = include.has("conversations") || include.has("participants");
  const rooms = await inParallel(listed, async ({ sid }) =>
    goesInside ? read.list("conversations", `/v1/Services/${sid}/Conversations`, "conversations") : [],
  );
  const wanted = listed.filter((_, index) => rooms[index] !== undefined);
  tell("conversation services", listed.length - wanted.length, "they were deleted during the scan");
  const inside = rooms.flatMap((here) => here ?? []);
  const open = inside.filter(({ state }) => state !== "closed");
  tell("closed conversations", inside.length - open.length, "nobody can change them; `archive` keeps what was said in them");

  progress.stage("participants, by conversation", include.has("participants") ? open.length : 0);
  const people = new Map<Body, Body[] | undefined>();
  await inParallel(include.has("participants") ? open : [], async (body) => {
    const path = `/v1/Services/${body.chat_service_sid}/Conversations/${body.sid}/Participants`;
    people.set(body, await read.list("conversations", path, "participants"));
    progress.step();
  });
  const isGone = (body: Body) => people.has(body) && people.get(body) === undefined;
  tell("conversations", open.filter(isGone).length, "they were deleted during the scan");

  const found =
    (kind: Kind) =>
    (body: Body): Found => ({ sid: String(body.sid), ...(include.has(kind) ? { body } : {}) });
  const services = await inParallel(wanted, async (body): Promise<FoundService> => {
    const here = open.filter((conversation) => conversation.chat_service_sid === body.sid && !isGone(conversation));
    const settings = include.has("participants") ? await read.one("conversations", `/v1/Services/${body.sid}/Configuration`) : undefined;
    return {
      ...found("services")(body),
      isDefault: body.sid === configuration?.default_chat_service_sid,
      defaultRoleSid: settings?.default_conversation_role_sid,
      conversations: here.map((conversation): FoundConversation => {
        const participants = (people.get(conversation) ?? []).map(found("participants"));
        return { ...found("conversations")(conversation), participants };
      }),
    };
  });

  progress.stage("what has no resource");
  leftOut.push(...(await withoutResource(read, services, service === undefined ? twilio.accountSid : undefined)));

  function tell(what: string, count: number, why: string): void {
    if (count > 0) leftOut.push({ what, count, why });
  }
  return {
    accountSid: twilio.accountSid,
    defaultMessagingServiceSid: configuration?.default_messaging_service_sid,
    numbers: (numbers ?? []).filter((number) => service === undefined || textsWith(people, number)).map(found("numbers")),
    services,
    leftOut,
  };
}

/** Whether somebody texts with a number. */
function textsWith(people: ReadonlyMap<Body, readonly Body[] | undefined>, { phone_number }: Body): boolean {
  const isOf = ({ messaging_binding }: Body) => JSON.stringify(messaging_binding ?? null).includes(`${phone_number}"`);
  return [...people.values()].some((participants) => participants?.some(isOf));
}
