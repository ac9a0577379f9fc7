/** Twilio's errors. A rule says `throw fail(50416, { sid })`; error-texts.ts has status and text. */
import { ERROR_TEXTS } from "./error-texts";

/** An error that Twilio would return. The APIs turn it into `{code, message, more_info, status}`. */
export class TwilioError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = "TwilioError";
    this.status = status;
    this.code = code;
  }
}

/** The resource in the path does not exist for this account. The API adds the path to the message. */
export class NotFound extends Error {}

/** The change could not be written to the state folder, for example because the disk is full. Nothing has changed. */
export class StateNotWritten extends Error {}

const ERRORS: Record<number, readonly [status: number, message: string]> = {
  19056: [400, "Input request content type is invalid: it must be application/x-www-form-urlencoded or multipart/form-data"],
  20001: [400, "{what}"],
  20002: [400, "Invalid FriendlyName"],
  20003: [401, "Authenticate"],
  20004: [405, "Method not allowed"],
  20005: [401, "Account not active"],
  20007: [400, "Page size too large: {size} is more than {max}"],
  20101: [401, "Invalid Access Token"],
  20102: [401, "Invalid Access Token header"],
  20103: [401, "Invalid Access Token issuer/subject"],
  20104: [401, "Access Token expired or expiration date invalid"],
  20105: [401, "Access Token not yet valid"],
  20106: [401, "Invalid Access Token grants"],
  20107: [401, "Invalid Access Token signature"],
  20157: [401, "Expiration Time Exceeds Maximum Time Allowed"],
  20161: [400, "Parameters are not specified for update request"],
  20403: [403, "The emulator accepts requests {refusal}"],
  20404: [404, "The requested resource {path} was not found"],
  20409: [409, "{what}"],
  20413: [413, "Request body is larger than {max} bytes"],
  20429: [429, "Too Many Requests"],
  20500: [500, "Internal Server Error"],
  20501: [501, "The emulator does not implement {what}"],
  20503: [503, "The emulator could not store the change, so nothing changed: {reason}"],

  21101: [400, "Only a main account can create subaccounts"],
  21211: [400, "Invalid 'To' Phone Number: {to}"],
  21212: [400, "Invalid 'From' Number: {from}"],
  21266: [400, "'To' and 'From' number cannot be the same: {to}"],
  21402: [400, "VoiceUrl is not valid"],
  21403: [400, "VoiceMethod is not valid"],
  21405: [400, "VoiceFallbackUrl requires VoiceUrl"],
  21406: [400, "SmsFallbackUrl requires SmsUrl"],
  21421: [400, "PhoneNumber is invalid: {number}"],
  21422: [400, "PhoneNumber {number} is not available"],
  21475: [400, "Invalid account status: {status}"],
  21477: [400, "An account cannot change its own status"],
  21479: [400, "Account {sid} is closed and cannot be opened again"],
  21480: [400, "Maximum number of subaccounts reached"],
  21451: [400, "Invalid area code: {area}"],
  21452: [400, "No phone numbers found"],
  21602: [400, "Message body is required"],
  21603: [400, "A 'From' or 'MessagingServiceSid' parameter is required to send a message"],
  21604: [400, "A 'To' phone number is required"],
  21606: [400, "The 'From' phone number provided ({from}) is not a valid message-capable Twilio phone number for this destination/account"],
  21617: [400, "The concatenated message body exceeds the 1600 character limit"],
  21625: [400, "Address is required by a Phone Number of the account and cannot be deleted"],
  21629: [400, "Address must be corrected and AutoCorrectAddress is false. Suggested address: {suggestion}"],
  21649: [400, "Bundle required"],
  21651: [400, "Address {sid} is not an address of the account"],
  21631: [400, "Phone Number Requires an Address but the 'AddressSid' parameter was empty"],
  21660: [400, "Mismatch between the 'From' number {from} and the account {account}"],
  21701: [400, "The Messaging Service does not exist"],
  21703: [400, "The Messaging Service does not contain a phone number"],
  21708: [400, "The Alphanumeric Sender ID is missing"],
  21709: [400, "The Alphanumeric Sender ID is invalid"],
  21710: [409, "Phone Number or Short Code is already in the Messaging Service."],
  21712: [409, "Phone Number or Short Code is associated with another Messaging Service."],
  21713: [400, "Invalid use case"],
  21714: [400, "Messaging Service number pool size limit reached"],
  21715: [400, "Phone Number or Short Code does not have SMS or MMS capabilities"],

  70001: [400, "The request has constraint violations"],
  70002: [400, "{what}"],
  70051: [401, "Authorization Error: required permission {permission} is missing"],

  50000: [400, "FriendlyName not provided"],
  50003: [400, "FriendlyName is too long"],
  50004: [400, "Unique Name is too long"],
  50050: [404, "Service Instance not found"],
  50051: [400, "Service SID not provided"],
  50054: [400, "Invalid webhook format"],
  50055: [400, "Invalid webhook method"],
  // Twilio documents the code, but not its status.
  50056: [403, "Rejected by pre-webhook"],
  50077: [400, "Invalid pre-webhook url"],
  50078: [400, "Invalid post-webhook url"],
  50100: [404, "Role not found"],
  50104: [400, "Permission not found: {permission}"],
  50105: [400, "Invalid role type"],
  50107: [403, "User unauthorized for command: no role allows {permission}"],
  50109: [404, "Conversation role not found"],
  50201: [409, "User already exists"],
  50204: [400, "Identity not provided"],
  50206: [400, "Identity should not match user SID pattern"],
  50207: [400, "Identity is too long"],
  50210: [400, "Invalid notification level"],
  50211: [400, "Identity parameter not acceptable for this Participant"],
  50214: [403, "User conversation limit exceeded"],
  50303: [400, "Attributes too long"],
  50304: [400, "Attributes not valid JSON"],
  50308: [400, "Invalid Date Created"],
  50309: [400, "Invalid Date Updated"],
  50310: [400, "Author parameter is too long"],
  50340: [400, "Messaging service SID not provided"],
  50341: [400, "Messaging service SID is invalid"],
  50342: [400, "Messaging service does not belong to account"],
  50353: [409, "Conversation with provided unique name already exists"],
  50361: [403, "Too many conversation webhooks"],
  50362: [403, "Too many conversation webhook triggers"],
  50364: [400, "Invalid conversation webhook type"],
  50365: [400, "Invalid conversation webhook filter"],
  50366: [400, "Invalid conversation webhook trigger"],
  50367: [400, "Invalid conversation webhook flow SID"],
  50368: [400, "Conversation webhook type not provided"],
  50369: [400, "Conversation webhook URL not provided"],
  50370: [400, "Conversation webhook filter not provided"],
  50371: [400, "Conversation webhook trigger not provided"],
  50372: [400, "Conversation webhook URL too long"],
  50373: [400, "No Messaging Service assigned to Conversation"],
  50374: [400, "'State' field can't be empty"],
  50375: [400, "TimeToInactive must be at least 1 minute"],
  50376: [400, "TimeToClosed must be at least 10 minutes"],
  50377: [400, "Can't update conversation as it's in final closed state"],
  50378: [400, "'State' value is invalid"],
  50379: [400, "TimeToInactive format is invalid"],
  50380: [400, "TimeToClosed format is invalid"],
  50382: [400, "Timer can't be set without state"],
  50384: [400, "Initial state can't be 'closed'"],
  50386: [400, "Conversation in 'initializing' state may not be updated or used for message sending"],
  50390: [400, "Unique name should not match conversation sid pattern"],
  50407: [400, "Invalid messaging binding address"],
  50408: [400, "Invalid participant proxy address"],
  50409: [400, "Participant address equals proxy address"],
  50411: [400, "Participant address is empty"],
  50412: [400, "Participant proxy address is empty"],
  50413: [403, "Account is not authorized to use proxy address {address}"],
  50414: [400, "Participant address type does not match proxy address type"],
  50415: [400, "Proxy address is not a WhatsApp enabled sender"],
  50416: [409, "A binding for this participant and proxy address already exists in Conversation {sid}"],
  50417: [403, "Participant limit exceeded"],
  50418: [403, "Non-chat participant limit exceeded"],
  50420: [400, "Messaging binding type does not support the given parameters"],
  50421: [400, "Invalid last read message index"],
  // Twilio documents the code, but not its status.
  50424: [400, "Participant is not valid JSON"],
  50425: [409, "A binding for this participant and proxy address already exists in Conversation {sid}"],
  50426: [400, "Request contains too many participants"],
  50430: [403, "Participant is not a member of conversation"],
  50433: [409, "Participant already exists"],
  50436: [403, "Group MMS participant limit exceeded"],
  50437: [409, "Group MMS participant already exists"],
  50438: [409, "Group MMS with given participant list already exists as Conversation {sid}"],
  50439: [403, "Account is not authorized to use projected address {address}"],
  50440: [400, "Failed to remove a proxy address from a participant"],
  50441: [400, "Failed to add a proxy address to a participant"],
  50442: [400, "Failed to remove a projected address from a participant"],
  50443: [400, "Failed to add a projected address to a participant"],
  50444: [400, "Failed to add an identity to a participant"],
  50451: [400, "Use either Identity or Address"],
  50503: [400, "Message body not provided"],
  50504: [400, "Message body is too long"],
  50507: [400, "Media not found"],
  50511: [400, "Invalid media SID"],
  50530: [404, "Message has no channel metadata"],

  54007: [403, "Access forbidden for identity"],
  54100: [404, "Sync object not found: {name}"],
};

/** Creates the error with this code. `values` replace the placeholders `{name}` in its text. */
export function fail(code: number, values: Record<string, string | number> = {}): TwilioError {
  const entry = ERROR_TEXTS[code];
  if (!entry) throw new Error(`error ${code} is not defined`);
  const message = entry[1].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  return new TwilioError(entry[0], code, message);
}

/** The error for a parameter with an invalid value. */
export function invalidParameter(parameter: string, value: string): TwilioError {
  return fail(20001, { what: `Invalid value for parameter ${parameter}: ${value.slice(0, 200)}` });
}

/** The JSON body of an error response. */
export function envelope(error: { code: number; message: string; status: number }) {
  return {
    code: error.code,
    message: error.message,
    more_info: `https://www.twilio.com/docs/errors/${error.code}`,
    status: error.status,
  };
}

/** The error response for anything that a handler throws. Logs what is not an expected error. */
export function toTwilioError(error: unknown, { path, request }: { path: string; request: string }): TwilioError {
  if (error instanceof TwilioError) return error;
  if (error instanceof NotFound) return fail(20404, { path });
  if (error instanceof StateNotWritten) return fail(20503, { reason: error.message });
  console.error(`emulator: internal error while handling ${request}:`, error);
  return fail(20500);
}
