import { pages } from "../twilio/transport";
import type { Body, Request, Twilio } from "../twilio/twilio";

/** Asks Twilio once for each path and query. A failed request may be sent again. */
export function remembering(twilio: Twilio, answers: Map<string, Promise<Body | undefined>>): Twilio {
  function send(request: Request): Promise<Body | undefined> {
    const key = `${request.product} ${request.path}?${new URLSearchParams(request.query)}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = twilio.send(request);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  }

  return {
    ...twilio,
    send,
    async *list(request, key) {
      for await (const { items } of pages(send, request, key)) yield* items;
    },
  };
}
