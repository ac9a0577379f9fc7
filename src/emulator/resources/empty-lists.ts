/** What a client may look for beside messages and never finds: notifications of failed calls, and add-ons of numbers. */
import { invalidParameter, NotFound } from "../errors";
import { crudRoutes, nestedPrefix } from "../http/crud";
import type { Params } from "../http/params";
import type { Call, Reply } from "../http/router";
import { inAccount } from "./account";
import type { Endpoints } from "./endpoints";
import { numberTable } from "./incoming-number";
import { dayFilter } from "./sms";

const nothing = () => {
  throw new NotFound();
};

/** Paths below an owned number. */
const inNumber = nestedPrefix(inAccount, "/IncomingPhoneNumbers/{PhoneNumberSid}", (call): Call => {
  numberTable.fetch(call.scope, call.part("PhoneNumberSid"));
  return call;
});

/** The filters of notifications. */
function checkFilters(params: Params): void {
  params.integer("Log");
  dayFilter(params, "MessageDate");
}

/** The routes of a kind of which there is none. */
const emptyList = (prefix: typeof inAccount, path: string, key: string) =>
  crudRoutes(prefix, {
    path,
    id: "Sid",
    key,
    list: ({ params }): { sid: string; seq: number }[] => {
      checkFilters(params);
      return [];
    },
    body: nothing,
    fetch: nothing,
    remove: nothing,
  });

export const emptyListEndpoints: Endpoints = {
  routes: {
    api: [
      ...emptyList(inAccount, "/Notifications", "notifications").filter(({ method }) => method === "GET"),
      ...emptyList(inNumber, "/AssignedAddOns", "assigned_add_ons"),
      // No add-on can be installed, so none can be assigned.
      ...inNumber.route("POST", "/AssignedAddOns.json", ({ params }): Reply => {
        throw invalidParameter("InstalledAddOnSid", params.text("InstalledAddOnSid") ?? "");
      }),
      ...["/Extensions.json", "/Extensions/{Sid}.json"].flatMap((end) =>
        inNumber.route("GET", `/AssignedAddOns/{AddOnSid}${end}`, nothing),
      ),
    ],
  },
};
