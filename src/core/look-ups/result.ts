import type { Definition } from "../lifecycle/definition";
import type { Props } from "../lifecycle/props";
import { plain } from "../lifecycle/props";
import { toOutputsOfGet } from "../lifecycle/wire";
import type { Body } from "../twilio/twilio";

/** An object as a program gets it. A look-up returns no secrets: its result is a plain value, which would reach states and logs. */
export function resultOf(definition: Definition, id: string, body: Body, accountSid: string): Props {
  const { outputs, secretOutputs = [] } = definition;
  const derived = Object.entries(outputs).flatMap(([name, from]) => (typeof from === "function" ? [[name, from(id)]] : []));
  const all = { id, ...toOutputsOfGet(definition, id, body, accountSid), ...Object.fromEntries(derived) };
  return plain(Object.fromEntries(Object.entries(all).filter(([name]) => !secretOutputs.includes(name))));
}
