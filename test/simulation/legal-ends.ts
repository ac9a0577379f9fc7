/** Errors with which a history may end, because only the user can decide what to do. Each of them says so. */
const legalEnds: readonly RegExp[] = [
  // Somebody else has the name, the number or the pair of addresses.
  /already belongs to this account/,
  /Twilio error 50353/,
  /Twilio error 50416/,
  // Stacks that adopt one conversation have more webhooks together than it may have.
  /Twilio error 50361/,
  /was sold to another customer/,
  /must not be the name of another number/,
  /If that resource was renamed, add the option aliases/,
  // The program contradicts what is at Twilio.
  /Cannot adopt/,
  /must be a number of account/,
  /adopt must name .*; there is none/,
  // The engine's own protection.
  /marked for protection/,
  /cannot be deleted because it is protected/,
  // Something would be lost.
  /Nothing was deleted/,
  /deletes its contents/,
  // Several may be the object, or nothing distinguishes it.
  /Name the right one with adopt/,
  /Look for it at Twilio before you run/,
];

export const isLegalEnd = (error: string): boolean => error.split("\n").length > 0 && legalEnds.some((pattern) => pattern.test(error));
