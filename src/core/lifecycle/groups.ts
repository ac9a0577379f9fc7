import type { Body } from "../twilio/twilio";
import type { Definition, Groups } from "./definition";
import { bodyName } from "./names";
import { get, type Props, unknownSentinel } from "./props";

/** The name of the alternative that a property belongs to, `autoCreation.webhook` of `autoCreation.webhook.url`. */
export const groupOf = ({ groups }: Pick<Definition, "groups">, property: string): string | undefined =>
  groups?.names.find((name) => property === name || property.startsWith(`${name}.`));

/** The alternative that a program, or Twilio, has chosen. */
export const chosenGroup = ({ names }: Groups, props: Props): string | undefined => names.find((name) => get(props, name) !== undefined);

/** What Twilio calls an alternative: `webhook`. */
export const groupWord = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** Twilio's word for the alternative that an object has. */
export const groupIn = ({ by }: Groups, body: Body): unknown => get(body, bodyName(by));

/** Whether a property is of an alternative that is not the chosen one. */
export function isOfOtherGroup(definition: Pick<Definition, "groups">, property: string, chosen: unknown): boolean {
  const group = groupOf(definition, property);
  return group !== undefined && groupWord(group) !== chosen;
}

/** Whether the object that holds the alternatives is not known yet, so that neither is the choice. */
export const isUndecided = ({ names }: Groups, props: Props): boolean =>
  names.some((name) => name.includes(".") && get(props, name.slice(0, name.lastIndexOf("."))) === unknownSentinel);
