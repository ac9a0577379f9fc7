/** api.twilio.com/2010-04-01: accounts, keys, phone numbers, messages. */
import { NotFound } from "../errors";
import { firstPage, list2010 } from "../http/paging";
import { type Call, created, noContent, ok, type Reply, type Route, route } from "../http/router";
import type { NumberType } from "../numbers/plans";
import * as accounts from "../resources/account";
import * as available from "../resources/available-number";
import * as numbers from "../resources/incoming-number";
import * as keys from "../resources/key";
import * as texts from "../resources/sms";

const ACCOUNT = "/2010-04-01/Accounts/{AccountSid}";

/** A route below an account: acts on the path's account, if the caller may. */
function inAccount(method: Route["method"], template: string, handle: (call: Call) => Reply): Route {
  return route(method, `${ACCOUNT}${template}`, (call) => {
    const account = call.at.domain.accounts.get(call.part("AccountSid"));
    if (!accounts.mayActOn(call.actor, account)) throw new NotFound();
    return handle({ ...call, at: { ...call.at, accountSid: account.sid } });
  });
}

const SUBTYPES: [segment: string, type: NumberType][] = [
  ["Local", "local"],
  ["Mobile", "mobile"],
  ["TollFree", "toll-free"],
];

const incomingNumbersByType = SUBTYPES.flatMap(([segment, type]) => [
  inAccount("GET", `/IncomingPhoneNumbers/${segment}.json`, (call) =>
    list2010(call, {
      key: "incoming_phone_numbers",
      rows: numbers.listNumbers(call.at, call.params, type),
      body: (number) => numbers.numberBody(number, { withType: false }),
    }),
  ),
  inAccount("POST", `/IncomingPhoneNumbers/${segment}.json`, ({ at, params }) =>
    created(numbers.numberBody(numbers.buyNumber(at, params, type), { withType: false })),
  ),
]);

export const apiRoutes: Route[] = [
  route("GET", "/2010-04-01/Accounts.json", (call) =>
    list2010(call, { key: "accounts", rows: accounts.listAccounts(call.at, call.params), body: accounts.accountBody }),
  ),
  route("POST", "/2010-04-01/Accounts.json", ({ at, params }) => created(accounts.accountBody(accounts.createSubaccount(at, params)))),
  route("GET", `${ACCOUNT}.json`, (call) => ok(accounts.accountBody(accounts.fetchAccount(call.at, call.part("AccountSid"))))),
  route("POST", `${ACCOUNT}.json`, (call) => {
    const account = accounts.fetchAccount(call.at, call.part("AccountSid"));
    return ok(accounts.accountBody(accounts.updateAccount(call.at, account, call.params)));
  }),

  inAccount("GET", "/Keys.json", (call) =>
    list2010(call, { key: "keys", rows: call.at.domain.find.keysOf(call.at.accountSid), body: keys.keyBody }),
  ),
  inAccount("POST", "/Keys.json", ({ at, params }) => {
    const key = keys.addKey(at, { friendlyName: params.text("FriendlyName") ?? "" });
    return created({ ...keys.keyBody(key), secret: key.secret });
  }),
  inAccount("GET", "/Keys/{KeySid}.json", (call) => ok(keys.keyBody(keys.fetchKey(call.at, call.part("KeySid"))))),
  inAccount("POST", "/Keys/{KeySid}.json", (call) => {
    const key = keys.fetchKey(call.at, call.part("KeySid"));
    return ok(keys.keyBody(keys.updateKey(call.at, key, call.params.text("FriendlyName"))));
  }),
  inAccount("DELETE", "/Keys/{KeySid}.json", (call) => {
    call.at.domain.keys.delete(keys.fetchKey(call.at, call.part("KeySid")).sid);
    return noContent();
  }),

  inAccount("GET", "/AvailablePhoneNumbers.json", (call) =>
    ok({
      countries: firstPage(call, available.listCountries()).map((country) => available.countryBody(country, call.at.accountSid)),
      uri: call.path,
    }),
  ),
  inAccount("GET", "/AvailablePhoneNumbers/{CountryCode}.json", ({ at, part }) =>
    ok(available.countryBody(available.fetchCountry(at, part("CountryCode")), at.accountSid)),
  ),
  inAccount("GET", "/AvailablePhoneNumbers/{CountryCode}/{Type}.json", (call) => {
    const country = available.fetchCountry(call.at, call.part("CountryCode"));
    const found = available.searchNumbers(call.at, country, call.part("Type"), call.params);
    return ok({ available_phone_numbers: firstPage(call, found).map(available.availableNumberBody), uri: call.path });
  }),

  ...incomingNumbersByType,
  inAccount("GET", "/IncomingPhoneNumbers.json", (call) =>
    list2010(call, {
      key: "incoming_phone_numbers",
      rows: numbers.listNumbers(call.at, call.params),
      body: (number) => numbers.numberBody(number),
    }),
  ),
  inAccount("POST", "/IncomingPhoneNumbers.json", ({ at, params }) => created(numbers.numberBody(numbers.buyNumber(at, params)))),
  inAccount("GET", "/IncomingPhoneNumbers/{PhoneNumberSid}.json", ({ at, part }) =>
    ok(numbers.numberBody(numbers.fetchNumber(at, part("PhoneNumberSid")))),
  ),
  inAccount("POST", "/IncomingPhoneNumbers/{PhoneNumberSid}.json", ({ at, actor, params, part }) =>
    ok(numbers.numberBody(numbers.updateNumber(at, actor.sid, numbers.fetchNumber(at, part("PhoneNumberSid")), params))),
  ),
  inAccount("DELETE", "/IncomingPhoneNumbers/{PhoneNumberSid}.json", ({ at, part }) => {
    numbers.releaseNumber(at, numbers.fetchNumber(at, part("PhoneNumberSid")));
    return noContent();
  }),

  inAccount("GET", "/Messages.json", (call) =>
    list2010(call, { key: "messages", rows: texts.listSms(call.at, call.params), body: texts.smsBody }),
  ),
  inAccount("POST", "/Messages.json", ({ at, params }) => created(texts.smsBody(texts.sendSms(at, params)))),
  inAccount("GET", "/Messages/{MessageSid}.json", ({ at, part }) => ok(texts.smsBody(texts.fetchSms(at, part("MessageSid"))))),
  inAccount("POST", "/Messages/{MessageSid}.json", ({ at, params, part }) =>
    ok(texts.smsBody(texts.updateSms(at, texts.fetchSms(at, part("MessageSid")), params))),
  ),
  inAccount("DELETE", "/Messages/{MessageSid}.json", ({ at, part }) => {
    at.domain.sms.delete(texts.fetchSms(at, part("MessageSid")).sid);
    return noContent();
  }),
];
