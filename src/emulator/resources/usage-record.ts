/** Usage records: how many text messages and numbers an account used in a period. The emulator charges nothing, so all prices are 0. */
import { parseDate } from "../dates";
import type { Scope } from "../domain";
import { invalidParameter } from "../errors";
import type { Call, Reply } from "../http/router";
import { inAccount } from "./account";
import type { Endpoints } from "./endpoints";
import { numberTable } from "./incoming-number";
import { type SmsRecord, smsTable } from "./sms";

interface UsageRecord {
  sid: string;
  seq: number;
  category: string;
  description: string;
  count: number;
  unit: string;
  /** Days, `2026-01-31`. */
  start: string;
  end: string;
}

interface Interval {
  start: string;
  end: string;
}

interface Category {
  description: string;
  unit: string;
  /** When something was used, in milliseconds. */
  dates: number[];
}

function usedAt({ domain, accountSid }: Scope): Record<string, Category> {
  // What is not sent is not used.
  const messages = smsTable
    .in(domain)
    .by.account(accountSid)
    .filter(({ status }) => status !== "scheduled" && status !== "canceled");
  const inbound = messages.filter(({ direction }) => direction === "inbound");
  const created = (rows: readonly { dateCreated: number }[]) => rows.map(({ dateCreated }) => dateCreated);
  const sent = (rows: readonly SmsRecord[]) => rows.map(({ dateSent, dateCreated }) => dateSent ?? dateCreated);
  return {
    phonenumbers: { description: "Phone Numbers", unit: "numbers", dates: created(numberTable.in(domain).by.account(accountSid)) },
    sms: { description: "SMS", unit: "messages", dates: sent(messages) },
    "sms-inbound": { description: "Inbound SMS", unit: "messages", dates: sent(inbound) },
    "sms-outbound": { description: "Outbound SMS", unit: "messages", dates: sent(messages.filter((sms) => !inbound.includes(sms))) },
    totalprice: { description: "Total Price", unit: "usd", dates: [] },
  };
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const DAY_MS = 86_400_000;

/** The month or year of a day. */
function around(date: string, length: 7 | 4): Interval {
  const [year = 0, month = 1] = date.split("-").map(Number);
  const end = length === 4 ? Date.UTC(year + 1, 0, 0) : Date.UTC(year, month, 0);
  return { start: `${date.slice(0, length)}${"-01-01".slice(length - 4)}`, end: day(end) };
}

const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a < b ? b : a);

const BEGINNING = "2008-01-01";
type Intervals = (now: number, days: string[]) => Interval[];
const each =
  (of: (date: string) => Interval): Intervals =>
  (now, days) => {
    const intervals = [day(now), ...days].map(of);
    return [...new Map(intervals.map((interval) => [interval.start, interval])).values()].sort((a, b) => (a.start < b.start ? 1 : -1));
  };
const single = (date: string): Interval => ({ start: date, end: date });

/** The paths, and the intervals of each. The last three words list those in which something was used, and the current one. */
const PERIODS: Record<string, Intervals> = {
  "": (now) => [{ start: BEGINNING, end: day(now) }],
  "/AllTime": (now) => [{ start: BEGINNING, end: day(now) }],
  "/Today": (now) => [single(day(now))],
  "/Yesterday": (now) => [single(day(now - DAY_MS))],
  "/ThisMonth": (now) => [around(day(now), 7)],
  "/LastMonth": (now) => [around(day(Date.parse(around(day(now), 7).start) - DAY_MS), 7)],
  "/Daily": each(single),
  "/Monthly": each((date) => around(date, 7)),
  "/Yearly": each((date) => around(date, 4)),
};

/** A date, or a number of days relative to today, such as `-30days`. */
function readDay({ params, scope }: Call, name: string): string | undefined {
  const text = params.text(name);
  if (!text) return undefined;
  const [, relative] = /^([+-]\d{1,5})days?$/.exec(text) ?? [];
  const ms = relative === undefined ? parseDate(text) : scope.domain.now() + Number(relative) * DAY_MS;
  if (ms === undefined) throw invalidParameter(name, text);
  return day(ms);
}

function listRecords(call: Call, period: string): UsageRecord[] {
  const { scope, params } = call;
  const used = usedAt(scope);
  const category = params.text("Category");
  // An account's records do not contain those of its subaccounts, whatever this says.
  params.boolean("IncludeSubaccounts");
  const days = Object.values(used).flatMap(({ dates }) => dates.map(day));
  const [from = BEGINNING, to = "9999-12-31"] = [readDay(call, "StartDate"), readDay(call, "EndDate")];
  const intervals = (PERIODS[period] as Intervals)(scope.domain.now(), days).filter(({ start, end }) => end >= from && start <= to);
  return intervals
    .flatMap(({ start, end }) => {
      // Only the single total of a period can be cut at any day.
      const range = period === "" ? { start: later(start, from), end: earlier(end, to) } : { start, end };
      return Object.entries(used).map(([name, { description, unit, dates }]) => ({
        category: name,
        description,
        unit,
        ...range,
        count: dates.filter((date) => day(date) >= range.start && day(date) <= range.end).length,
      }));
    })
    .filter((record) => !category || record.category === category)
    .map((record, index) => ({ ...record, sid: `${record.category} ${record.start}`, seq: -index }));
}

function recordBody(record: UsageRecord, { domain, accountSid }: Scope) {
  const path = `/2010-04-01/Accounts/${accountSid}/Usage/Records`;
  const { category, start, end, unit } = record;
  const count = String(record.count);
  const name = (period: string) =>
    period
      .slice(1)
      .replace(/(?<=.)[A-Z]/g, "_$&")
      .toLowerCase();
  const others = Object.keys(PERIODS).filter((period) => period !== "");
  return {
    account_sid: accountSid,
    api_version: "2010-04-01",
    as_of: new Date(domain.now()).toISOString().replace(/\.\d+Z$/, "+00:00"),
    category,
    description: record.description,
    count,
    count_unit: unit === "usd" ? "" : unit,
    start_date: start,
    end_date: end,
    price: "0",
    price_unit: "usd",
    usage: count,
    usage_unit: unit,
    uri: `${path}.json?Category=${category}&StartDate=${start}&EndDate=${end}`,
    subresource_uris: Object.fromEntries(others.map((period) => [name(period), `${path}${period}.json?Category=${category}`])),
  };
}

const reply = (call: Call, period: string): Reply =>
  inAccount.list(call, {
    key: "usage_records",
    rows: listRecords(call, period),
    body: (record) => recordBody(record, call.scope),
  });

export const usageRecordEndpoints: Endpoints = {
  routes: {
    api: Object.keys(PERIODS).flatMap((period) => inAccount.route("GET", `/Usage/Records${period}.json`, (call) => reply(call, period))),
  },
};
