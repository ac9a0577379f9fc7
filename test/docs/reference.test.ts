import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalog, sets } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { parentProperty } from "../../src/core/lifecycle/parents";
import { errorsOnNoPage } from "../../tools/reference/errors.mts";
import { actualPages, expectedPages } from "../../tools/reference/main.mts";

const pages = actualPages();
const pageOf = (name: string) => pages[`${name.replace(/(?<=[a-z])[A-Z]/g, "-$&").toLowerCase()}.md`] ?? "";

/** The cells of the rows that follow a heading. */
const rowsOf = (page: string, heading: string): string[][] =>
  [...(page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "").matchAll(/^\| (`.+) \|$/gm)].map(([, row = ""]) =>
    row.split(/(?<!\\) \| /),
  );

it("docs/reference is what the tool writes", () => {
  expect(pages, "run `npm run docs`").toEqual(expectedPages);
});

describe.each(catalog.map((definition) => [resourceName(definition), definition] as const))("the page of %s", (name, definition) => {
  const page = pageOf(name);
  const rows = rowsOf(page, "Arguments");

  it("has an example, a link to Twilio's page, and each argument and output with its meaning", () => {
    expect(page).toMatch(new RegExp(`\`\`\`ts\n[^\`]*new ${name}\\(`));
    expect(page).toMatch(/<https:\/\/www\.twilio\.com\/docs\/\S+>/);
    const shown = rows.map(([argument]) => argument?.replaceAll("`", ""));
    expect(Object.keys(definition.fields).filter((field) => !shown.includes(field))).toEqual([]);
    const outputs = rowsOf(page, "Outputs");
    const described = outputs.map(([output]) => output?.replaceAll("`", ""));
    expect(Object.keys(definition.outputs).filter((output) => !described.includes(output))).toEqual([]);
    for (const row of [...rows, ...outputs]) expect(row.at(-1), row[0]).toMatch(/\w{2}/);
  });

  it("says the same of a change as the docstrings", () => {
    const differing = rows.filter(([, , , , change = "", meaning = ""]) => {
      if (/\bA change replaces/.test(meaning)) return change !== "replaces";
      if (/\bUpdated in place/.test(meaning)) return change !== "" && !change.startsWith("in place");
      if (/[Mm]atters? at creation only/.test(meaning)) return change !== "" && change !== "matters at creation only";
      return false;
    });
    expect(differing.map(([argument, , , , change]) => `${argument}: ${change}`)).toEqual([]);
  });
});

describe.each(sets.map((set) => [resourceName(set), set] as const))("the page of %s", (name, { item, mayBeExclusive }) => {
  it("has an example, the arguments and outputs with their meaning, and a link to the page of an item", () => {
    const page = pageOf(name);
    expect(page).toMatch(new RegExp(`\`\`\`ts\\n[^\`]*new ${name}\\(`));
    expect(page).toContain(`are those of [${resourceName(item)}](`);
    const names = (heading: string) => rowsOf(page, heading).map(([cell]) => cell?.replaceAll("`", ""));
    expect(names("Arguments")).toEqual([parentProperty(item), "items", ...(mayBeExclusive ? ["exclusive"] : [])]);
    expect(names("Outputs").sort()).toEqual(["accountSid", "ids", "sids"]);
    for (const row of [...rowsOf(page, "Arguments"), ...rowsOf(page, "Outputs")]) expect(row.at(-1), row[0]).toMatch(/\w{2}/);
  });
});

it("types, required properties and defaults are those of the program's types", () => {
  const row = (name: string, argument: string) =>
    rowsOf(pageOf(name), "Arguments")
      .find(([first]) => first === `\`${argument}\``)
      ?.slice(1, 5);
  expect(row("Participant", "conversation")).toEqual(["`string \\| Conversation`", "yes", "", "replaces"]);
  expect(row("Participant", "sms.address")).toEqual(["`string`", "in `sms`", "", "replaces"]);
  expect(row("Participant", "identity")).toEqual(["`string`", "by kind", "", "replaces"]);
  expect(row("PhoneNumber", "search.type")).toEqual([
    '`"local" \\| "mobile" \\| "toll-free"`',
    "",
    '`"local"`',
    "matters at creation only",
  ]);
  expect(row("PhoneNumber", "adopt")).toEqual(["`string`", "", "", "matters at creation only"]);
  expect(row("AddressConfiguration", "autoCreation.webhook.url")).toEqual(["`string`", "in `autoCreation.webhook`", "", "in place"]);
  expect(row("ApiKey", "policy.allow")).toEqual(["`KeyPermission[]`", "in `policy`", "", "in place; to add or remove it replaces"]);
});

it("every error that the package explains is on a page", () => {
  expect(errorsOnNoPage(), "add it to tools/reference/errors.mts").toEqual([]);
  expect(pageOf("PhoneNumber")).toContain("\n- [21422](https://www.twilio.com/docs/errors/21422): the number was sold");
});

it("permissions are those of Twilio's list, or the page says that there are none", () => {
  const list = readFileSync(join(import.meta.dirname, "..", "..", "src", "iam", "key-permissions.ts"), "utf8");
  const own = (name: string) => (pageOf(name).split("## Permissions")[1] ?? "").match(/(?<=^- `)[^`]+/gm) ?? [];
  for (const name of catalog.map(resourceName)) for (const permission of own(name)) expect(list, name).toContain(`"${permission}"`);
  expect(own("MessagingService")).toEqual(
    ["create", "delete", "list", "read", "update"].map((action) => `/twilio/messaging/services/${action}`),
  );
  expect(pageOf("Conversation")).toContain("Their names are not known to this package");
  expect(pageOf("Address")).toContain("Twilio's list has nothing for `/twilio/phone-numbers/address-service/delete`");
  expect(pageOf("Subaccount")).toContain("it needs the account's auth token");
});
