import { conversation } from "../../conversations/conversation";
import { participant } from "../../conversations/participant";
import { conversationService } from "../../conversations/service";
import type { Body, Definition, Props } from "../../core/lifecycle/definition";
import { e164 } from "../../core/lifecycle/formats";
import { get } from "../../core/lifecycle/props";
import { phoneNumber } from "../../numbers/phone-number";
import type { Account, Found, FoundConversation, FoundService, LeftOut } from "./account";
import { argsOf } from "./args";
import { Code } from "./code";
import { type Name, namer } from "./names";
import { type Secret, Secrets } from "./secrets";

/** A resource of the program. */
export interface Declaration extends Name {
  readonly className: string;
  /** In the order in which they are written; references are {@link Code}. */
  readonly args: Props;
  readonly comments: readonly string[];
}

/** A service's part of the program: what belongs together stays together. */
export interface Part extends Name {
  readonly groups: readonly (readonly Declaration[])[];
}

/** What a program declares, and what it does not. */
export interface Declared {
  readonly accountSid?: string;
  readonly numbers: readonly Declaration[];
  readonly parts: readonly Part[];
  readonly secrets: readonly Secret[];
  readonly leftOut: readonly LeftOut[];
  /** What is in the program and should be looked at before it is used. */
  readonly warnings: readonly string[];
}

/** All resources of the program. */
export const declarationsOf = ({ numbers, parts }: Pick<Declared, "numbers" | "parts">): readonly Declaration[] =>
  [numbers, ...parts.flatMap(({ groups }) => groups)].flat();

/** How many resources of each class there are. */
export function countsOf(declared: Declared): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { className } of declarationsOf(declared)) counts[className] = (counts[className] ?? 0) + 1;
  return counts;
}

/** Makes resources of what was found: each adopted by its SID, each naming its parent and its numbers by reference. */
export function declare(account: Account): Declared {
  const nameOf = namer();
  const secrets = new Secrets();
  const tally = new Map<string, LeftOut & { count: number }>();
  const leaveOut = (what: string, why: string): void => {
    const key = `${what}: ${why}`;
    tally.set(key, { what, why, count: (tally.get(key)?.count ?? 0) + 1 });
  };

  function declaration(
    definition: Definition,
    { sid, body }: Required<Pick<Found, "sid" | "body">>,
    name: Name,
    known: Props,
    unwanted: Props = {},
  ): Declaration {
    const { args, refused } = argsOf(definition, body, unwanted);
    for (const [property, reason] of refused) leaveOut(`${property} of ${plural(definition)}`, reason);
    const comments = refused.map(([property, reason]) => `Without \`${property}\`: ${reason}.`);
    const open = secrets.takeOut(args, [name.name]) as Props;
    return { ...name, className: nounOf(definition), args: { adopt: sid, ...known, ...open }, comments };
  }

  // The few come before the many, which get what is left.
  const serviceNames = account.services.map(({ sid, body, name, isDefault }) => {
    const last = sid === undefined || isDefault ? "default-service" : `service-${sid.slice(2, 8)}`;
    return nameOf(name, body?.friendly_name, last);
  });
  let marked = 0;
  const numbers: Declaration[] = [];
  const references = new Map<string, Code>();
  for (const { sid, body, name } of account.numbers) {
    if (!body) continue;
    const number = String(body.phone_number);
    const called = isDefaultName(body) ? undefined : String(body.friendly_name ?? "").replace(/^pulumi .*\//, "");
    const declared = declaration(
      phoneNumber,
      { sid, body },
      nameOf(name, called, `number-${number}`),
      {},
      { friendlyName: isUnnamed(body), phoneNumber: true },
    );
    // A number says more than its SID, where it is one.
    numbers.push(e164(number) === undefined ? { ...declared, args: { ...declared.args, adopt: number } } : declared);
    references.set(number, new Code(`${declared.identifier}.phoneNumber`, [declared.identifier]));
    if (isMarked(body)) marked += 1;
  }

  function partOf(service: FoundService, index: number): Part {
    const { sid, body, isDefault = false } = service;
    const name = serviceNames[index] as Name;
    let parent: Props = sid === undefined ? {} : { service: sid };
    const groups: Declaration[][] = [];
    if (sid !== undefined && body?.friendly_name) {
      const declared = declaration(conversationService, { sid, body }, name, {});
      const comments = isDefault ? ["The account's default service, which is never deleted."] : [];
      groups.push([{ ...declared, comments: [...comments, ...declared.comments] }]);
      parent = { service: new Code(name.identifier, [name.identifier]) };
    } else if (body) {
      leaveOut("conversation services", "they have no name, which a resource needs; what they hold names them by their SID");
    }
    for (const one of service.conversations) groups.push(conversationOf(one, service, parent));
    return { ...name, groups: groups.filter((group) => group.length > 0) };
  }

  function conversationOf(found: FoundConversation, { sid: serviceSid, defaultRoleSid }: FoundService, parent: Props): Declaration[] {
    const { sid, body, timers } = found;
    const hasMark = isMarkedName(body?.unique_name);
    const unique = String(body?.unique_name ?? "").replace(/~[0-9a-f]{7}$/, "");
    const name = nameOf(found.name, body?.friendly_name, unique, `conversation-${sid.slice(2, 8)}`);
    const declarations: Declaration[] = [];
    let room: unknown = `${serviceSid}/${sid}`;
    if (body) {
      const isDefaultMessaging = body.messaging_service_sid === account.defaultMessagingServiceSid;
      const unwanted = { state: true, uniqueName: hasMark, messagingServiceSid: isDefaultMessaging };
      const declared = declaration(conversation, { sid, body }, name, { ...parent }, unwanted);
      const runs = Object.keys((body.timers ?? {}) as Props).length > 0 && timers === undefined;
      const why = "Twilio tells when they end, and not how long they are: declare `timers` to manage them";
      if (runs) leaveOut("timers of conversations", why);
      if (hasMark) marked += 1;
      const comments = runs ? [`Without its timers. ${why}.`] : [];
      declarations.push({
        ...declared,
        args: { ...declared.args, ...(timers ? { timers } : {}) },
        comments: [...declared.comments, ...comments],
      });
      room = new Code(name.identifier, [name.identifier]);
    }
    for (const one of found.participants) {
      if (!one.body) continue;
      const { args } = argsOf(participant, one.body, {});
      if ((participant.validate?.(args, {}) ?? []).length > 0) {
        leaveOut(
          `participants by ${get(one.body, "messaging_binding.type") ?? "another channel"}`,
          "this package has no kind of participant for them yet",
        );
        continue;
      }
      const who = args.identity ?? get(args, "sms.address") ?? get(args, "whatsapp.address") ?? args.address ?? args.projectedAddress;
      const declared = declaration(
        participant,
        { sid: one.sid, body: one.body },
        nameOf(one.name, `${name.name}-${String(who).replace("whatsapp:+", "whatsapp-")}`),
        { conversation: room },
        { roleSid: one.body.role_sid === defaultRoleSid },
      );
      declarations.push({ ...declared, args: withNumbers(declared.args, references) });
    }
    return declarations;
  }

  const parts = account.services.map(partOf).filter(({ groups }) => groups.length > 0);
  return {
    ...(account.accountSid === undefined ? {} : { accountSid: account.accountSid }),
    numbers,
    parts,
    secrets: secrets.all,
    leftOut: [...account.leftOut, ...tally.values()],
    warnings:
      marked > 0
        ? [`${marked} of them carry the mark of a Pulumi stack. If that manages them still, two stacks undo each other's changes.`]
        : [],
  };
}

const nounOf = ({ type }: Definition): string => type.slice(type.lastIndexOf(":") + 1);
const plural = (definition: Definition): string =>
  ({ PhoneNumber: "numbers", ConversationService: "services", Conversation: "conversations", Participant: "participants" })[
    nounOf(definition)
  ] as string;

/** References in the place of numbers that are in the program. */
function withNumbers(args: Props, references: ReadonlyMap<string, Code>): Props {
  const { sms, whatsapp, projectedAddress } = args as { sms?: Props; whatsapp?: Props; projectedAddress?: string };
  const sender = references.get(String(whatsapp?.proxyAddress).replace("whatsapp:", ""));
  const whole = sender && new Code(`interpolate\`whatsapp:\${${sender.text}}\``, sender.uses, ["interpolate"]);
  return {
    ...args,
    ...(sms ? { sms: { ...sms, proxyAddress: references.get(String(sms.proxyAddress)) ?? sms.proxyAddress } } : {}),
    ...(whatsapp ? { whatsapp: { ...whatsapp, proxyAddress: whole ?? whatsapp.proxyAddress } } : {}),
    ...(projectedAddress ? { projectedAddress: references.get(projectedAddress) ?? projectedAddress } : {}),
  };
}

/** Whether Twilio itself named the number, by its digits. */
function isDefaultName({ friendly_name, phone_number }: Body): boolean {
  const digits = (text: unknown) => String(text ?? "").replace(/\D/g, "");
  const name = String(friendly_name ?? "");
  return /^[+()\d\s.-]*$/.test(name) && digits(phone_number).endsWith(digits(name));
}

/** A number bought by this package carries its owner's name, which the program need not and should not say. */
const isMarked = ({ friendly_name }: Body): boolean => /^pulumi \S+\//.test(String(friendly_name ?? ""));
const isUnnamed = (body: Body): boolean => isDefaultName(body) || isMarked(body);
/** So does a conversation that was given no unique name. */
const isMarkedName = (name: unknown): boolean => /~[0-9a-f]{7}$/.test(String(name ?? ""));
