// What the definitions do not say: the paths that only look-ups read, and those that the package leaves out.

const availableInstead = "`search` and `getAvailablePhoneNumbers` find local, mobile and toll-free numbers";
const sameNumbers = "the same numbers by their type; `PhoneNumber` and `getPhoneNumbers` use the path of all";
const addOns = "add-ons of Twilio's marketplace, which no resource here needs";
const registration = "the registration of a campaign with the US carriers, which people review; the emulator serves what can be read of it";

/** The look-ups that read a path of no resource, by product and path. A test runs each of them. */
export const lookUps: Readonly<Record<string, readonly string[]>> = {
  "conversations /v1/Services/{ChatServiceSid}/ParticipantConversations": ["getParticipantConversations"],
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Local.json": ["getAvailablePhoneNumbers"],
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Mobile.json": ["getAvailablePhoneNumbers"],
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/TollFree.json": ["getAvailablePhoneNumbers"],
  "pricing /v1/PhoneNumbers/Countries/{IsoCountry}": ["getPhoneNumberPrices"],
};

/** Why the package has neither a resource nor a look-up for a path, by product and path. */
export const exceptions: Readonly<Record<string, string>> = {
  "conversations /v1/Services/{ChatServiceSid}/Bindings": "devices register themselves through the chat SDK",
  "conversations /v1/Services/{ChatServiceSid}/Bindings/{Sid}": "devices register themselves through the chat SDK",
  "conversations /v1/Services/{ChatServiceSid}/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts":
    "whether a message was delivered is data of the application",
  "conversations /v1/Services/{ChatServiceSid}/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts/{Sid}":
    "whether a message was delivered is data of the application",
  "conversations /v1/Services/{ChatServiceSid}/Users/{UserSid}/Conversations":
    "`getParticipantConversations` lists the same by identity; `ConversationUser` reads it before a deletion",
  "messaging /v1/Services/{ServiceSid}/DestinationAlphaSenders":
    "sender IDs for one country; `MessagingServiceSender` adds one for all countries",
  "messaging /v1/Services/{ServiceSid}/DestinationAlphaSenders/{Sid}":
    "sender IDs for one country; `MessagingServiceSender` adds one for all countries",
  "messaging /v1/Services/{MessagingServiceSid}/Compliance/Usa2p": registration,
  "messaging /v1/Services/{MessagingServiceSid}/Compliance/Usa2p/{Sid}": registration,
  "messaging /v1/Services/{MessagingServiceSid}/Compliance/Usa2p/Usecases": registration,
  "messaging /v1/Services/PreregisteredUsa2p": registration,
  "messaging /v1/Services/Usecases": "a constant list; `usecase` of `MessagingService` accepts its values",
  "api /2010-04-01/Accounts/{AccountSid}/Addresses/{AddressSid}/DependentPhoneNumbers.json":
    "`Address` reads it to name the numbers that keep an address from its deletion",
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers.json": "a list of countries; an error names what a country offers",
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}.json":
    "`PhoneNumber` reads it to check a number before it buys it",
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/MachineToMachine.json": availableInstead,
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/National.json": availableInstead,
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/SharedCost.json": availableInstead,
  "api /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Voip.json": availableInstead,
  "api /2010-04-01/Accounts/{AccountSid}/Balance.json": "money that changes with every message, not a property of the account",
  "api /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/Local.json": sameNumbers,
  "api /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/Mobile.json": sameNumbers,
  "api /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/TollFree.json": sameNumbers,
  "api /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{ResourceSid}/AssignedAddOns.json": addOns,
  "api /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{ResourceSid}/AssignedAddOns/{Sid}.json": addOns,
  "api /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{ResourceSid}/AssignedAddOns/{AssignedAddOnSid}/Extensions.json": addOns,
  "api /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{ResourceSid}/AssignedAddOns/{AssignedAddOnSid}/Extensions/{Sid}.json":
    addOns,
  "api /2010-04-01/Accounts/{AccountSid}/Keys.json": "the older path of standard keys; `ApiKey` uses IAM",
  "api /2010-04-01/Accounts/{AccountSid}/Keys/{Sid}.json": "the older path of standard keys; `ApiKey` uses IAM",
  "api /2010-04-01/Accounts/{AccountSid}/SigningKeys.json": "the older path of standard keys; `ApiKey` uses IAM",
  "api /2010-04-01/Accounts/{AccountSid}/SigningKeys/{Sid}.json": "the older path of standard keys; `ApiKey` uses IAM",
  "api /2010-04-01/Accounts/{AccountSid}/SMS/ShortCodes.json": "a short code is leased by contract; `MessagingServiceSender` takes its SID",
  "api /2010-04-01/Accounts/{AccountSid}/SMS/ShortCodes/{Sid}.json":
    "a short code is leased by contract; `MessagingServiceSender` checks that it exists",
  "pricing /v1/PhoneNumbers/Countries": "a list of countries without prices",
};
