import type { Definition } from "./definition";
import { get, type Props, same } from "./props";

/**
 * Where outputs keep what Twilio made of the texts in the last write, for those that it corrected. A text that still reads so is as the program
 * declares it; any other one is a change by somebody else.
 */
export const correctionsKey = "__corrected";

/** The properties whose text Twilio may correct. */
const correctable = ({ fields }: Definition): string[] => Object.keys(fields).filter((property) => fields[property]?.type === "corrected");

/** The outputs of a write: the program's texts, and what Twilio made of them. */
export function withCorrections(definition: Definition, outputs: Props, inputs: Props): Props {
  const { [correctionsKey]: _former, ...result } = outputs;
  const corrections: Props = {};
  for (const property of correctable(definition)) {
    const wanted = get(inputs, property);
    if (wanted === undefined || same(wanted, outputs[property])) continue;
    corrections[property] = outputs[property] ?? null;
    result[property] = wanted;
  }
  return Object.keys(corrections).length > 0 ? { ...result, [correctionsKey]: corrections } : result;
}

/** The outputs of a read: the program's texts where Twilio still has what it made of them. */
export function asCorrected(outputs: Props, olds: Props): Props {
  const corrections = olds[correctionsKey] as Props | undefined;
  if (corrections === undefined) return outputs;
  const unchanged = Object.keys(corrections).filter((property) => same(outputs[property] ?? null, corrections[property]));
  const texts = Object.fromEntries(unchanged.map((property) => [property, olds[property]]));
  return { ...outputs, ...texts, [correctionsKey]: corrections };
}

/** The outputs of an update: as of a write where it sent the texts, or how Twilio is to correct them, which it does not return. */
export function withLatestCorrections(
  definition: Definition,
  outputs: Props,
  update: { olds: Props; news: Props; changed: string[] },
): Props {
  const { fields } = definition;
  const { [correctionsKey]: former } = update.olds;
  if (update.changed.some((property) => fields[property]?.type === "corrected" || fields[property]?.from === false))
    return withCorrections(definition, outputs, update.news);
  return former === undefined ? outputs : { ...outputs, [correctionsKey]: former };
}
