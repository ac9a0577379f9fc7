import { execFile } from "node:child_process";
import { appendFile, cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** The resource, as somebody who adds one would write it. */
const resource = `import type { CustomResource, Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { path, text } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";

export interface TopicArgs extends CommonArgs {
  service: Input<string> | CustomResource;
  friendlyName: Input<string>;
  isOpen?: Input<boolean>;
}

export interface TopicOutputs {
  sid: string;
  accountSid: string;
  url: string;
}

/** @internal */
export const topic: Definition = define<TopicArgs, TopicOutputs>({
  type: "twilio/conversations:Topic",
  product: "conversations",
  sid: "TP",
  path: ([service]) => \`/v1/Services/\${service}/Topics\`,
  list: { key: "topics", by: ["friendlyName"], name: "friendlyName" },
  fields: {
    service: { parent: "ConversationService", required: true, format: path("ConversationService", "IS") },
    friendlyName: { required: true, createOnly: true, format: text({ min: 1, max: 64 }) },
    isOpen: { type: "boolean", computed: true, cleared: "false" },
  },
});

export class Topic extends resourceClass<TopicArgs, TopicOutputs>(topic) {}
`;

/** The emulator's side of it. */
const endpoints = `import { isoDate } from "../dates";
import { type Base, defineTable } from "../domain";
import { crudRoutes } from "../http/crud";
import type { Endpoints } from "./endpoints";
import { inService } from "./service-path";

interface TopicRecord extends Base {
  serviceSid: string;
  friendlyName: string;
  isOpen: boolean;
}

const topicTable = defineTable<TopicRecord>()({
  name: "topics",
  sidPrefix: "TP",
  indexes: { service: (topic) => topic.serviceSid },
  references: { services: { by: "service", onDelete: "cascade" } },
});

export const topicEndpoints: Endpoints = {
  tables: [topicTable],
  routes: {
    conversations: crudRoutes(inService, {
      path: "/Topics",
      id: "TopicSid",
      key: "topics",
      list: ({ scope, service }) => topicTable.in(scope.domain).by.service(service.sid),
      body: (topic, { form }) => ({
        sid: topic.sid,
        account_sid: topic.accountSid,
        friendly_name: topic.friendlyName,
        is_open: topic.isOpen,
        date_created: isoDate(topic.dateCreated),
        url: \`\${form.root}/Topics/\${topic.sid}\`,
      }),
      create: ({ scope, service, params }) =>
        topicTable.insert(scope, { serviceSid: service.sid, friendlyName: params.text("FriendlyName") ?? "", isOpen: params.text("IsOpen") === "true" }),
      fetch: ({ scope }, sid) => topicTable.fetch(scope, sid),
      update: (topic, { scope, params }) => topicTable.update(scope, topic, { isOpen: params.text("IsOpen") === "true" }),
      remove: (topic, { scope }) => topicTable.remove(scope, topic),
    }),
  },
};
`;

/** Runs each operation on the resource: with the package's own emulator, over HTTP, through the handle that a state would name. */
const script = `
const { startEmulator } = require("./dist/emulator");
// Each operation of the engine has a provider process of its own.
const startProcess = () => {
  for (const file of Object.keys(require.cache)) if (/dist.(core|provider|catalog|conversations|iam|numbers)/.test(file)) delete require.cache[file];
  return require("./dist/provider.js");
};
(async () => {
  const emulator = await startEmulator();
  const { url, accountSid, authToken } = emulator;
  const config = { "twilio:baseUrl": url, "twilio:accountSid": accountSid, "twilio:authToken": authToken };
  let handles = startProcess();
  const providerOf = (name) => {
    const provider = handles[name].handler();
    provider.configure({ config: { get: (key) => config[key] } });
    return provider;
  };
  const service = await providerOf("ConversationService").create({ friendlyName: "Support" });
  const topics = providerOf("Topic");
  const { inputs, failures } = await topics.check({}, { service: service.id, friendlyName: "Billing", __urn: "urn:topic" });
  const created = await topics.create(inputs);
  const wanted = { ...inputs, isOpen: true };
  const planned = await topics.diff(created.id, created.outs, wanted);
  const updated = await topics.update(created.id, created.outs, wanted);
  const read = await topics.read(created.id, updated.outs);
  const refused = await topics.check({}, { service: service.id, isOpen: "yes" });
  handles = startProcess();
  await providerOf("Topic").delete(created.id, read.props);
  const gone = await providerOf("Topic").read(created.id, read.props);
  await emulator.close();
  console.log(JSON.stringify({ failures, id: created.id, planned, outputs: read.props, refused: refused.failures, gone: gone.id }));
})();
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twilio-new-resource-"));
  await cp(join(root, "src"), join(folder, "src"), { recursive: true });
  for (const name of ["package.json", "tsconfig.json", "tsconfig.build.json"]) await cp(join(root, name), join(folder, name));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "src/conversations/topic.ts"), resource);
  await appendFile(join(folder, "src/conversations/index.ts"), 'export * from "./topic";\n');
  await writeFile(join(folder, "src/emulator/resources/topic.ts"), endpoints);
  await appendFile(join(folder, "src/emulator/resources/index.ts"), 'export { topicEndpoints } from "./topic";\n');
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], { cwd: folder });
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it("a new resource is a file and a line, and so is the emulator's side of it: no other source file changes", async () => {
  const changed: string[] = [];
  for (const name of await readdir(join(folder, "src"), { recursive: true })) {
    const text = (base: string) => readFile(join(base, "src", name), "utf8").catch(() => undefined);
    const [before, after] = [await text(root), await text(folder)];
    if (before !== after)
      changed.push(`${name}: ${before === undefined ? "new" : `${(after ?? "").split("\n").length - before.split("\n").length} line`}`);
  }
  expect(changed.sort()).toEqual([
    "conversations/index.ts: 1 line",
    "conversations/topic.ts: new",
    "emulator/resources/index.ts: 1 line",
    "emulator/resources/topic.ts: new",
  ]);
});

it("the provider then serves it: checked, created, compared, updated, read and deleted through the emulator", async () => {
  await writeFile(join(folder, "operations.cjs"), script);
  const { stdout } = await run(process.execPath, ["operations.cjs"], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") },
  });
  const result = JSON.parse(stdout.trim().split("\n").at(-1) as string);
  expect(result).toMatchObject({
    failures: [],
    id: expect.stringMatching(/^IS[0-9a-f]{32}\/TP[0-9a-f]{32}$/),
    planned: { replaces: [], deleteBeforeReplace: false },
    outputs: { friendlyName: "Billing", isOpen: true },
    gone: "",
  });
  expect(result.refused).toEqual([
    { property: "", reason: "friendlyName is missing: Topic requires `friendlyName`" },
    { property: "", reason: 'isOpen must be true or false; received "yes"' },
  ]);
});

it("the command line then exports it, with its parent by reference", async () => {
  const script = `
    const { startEmulator } = require("./dist/emulator");
    const { execFileSync, execFile } = require("node:child_process");
    (async () => {
      const emulator = await startEmulator();
      const { url, accountSid, authToken } = emulator;
      const post = async (path, form) =>
        (await fetch(url + "/conversations.twilio.com/v1" + path, {
          method: "POST",
          headers: { authorization: "Basic " + Buffer.from(accountSid + ":" + authToken).toString("base64") },
          body: new URLSearchParams(form),
        })).json();
      const service = await post("/Services", { FriendlyName: "Support" });
      await post("/Services/" + service.sid + "/Topics", { FriendlyName: "Billing" });
      const env = { ...process.env, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url };
      execFile(process.execPath, ["dist/cli/main.js", "export", "--out", "exported", "--quiet"], { env }, async (error, stdout, stderr) => {
        if (error) console.error(stderr);
        await emulator.close();
        process.exitCode = error ? 1 : 0;
      });
    })();`;
  await writeFile(join(folder, "export.cjs"), script);
  await run(process.execPath, ["export.cjs"], { cwd: folder });
  const written = await Promise.all(
    (await readdir(join(folder, "exported"), { recursive: true }))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFile(join(folder, "exported", name), "utf8")),
  );
  expect(written.join("\n")).toMatch(
    /new Topic\("billing", \{[^}]*adopt: "TP[0-9a-f]{32}"[^}]*service: support,?[^}]*friendlyName: "Billing"/s,
  );
});
