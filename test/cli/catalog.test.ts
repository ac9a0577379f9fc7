import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { CatalogEntry } from "../../src/catalog";
import { declare } from "../../src/cli/commands/export/declare";
import { files, oneFile } from "../../src/cli/commands/export/program";
import { scan } from "../../src/cli/commands/export/scan";
import { openScanFile } from "../../src/cli/commands/export/scan-file";
import { dot } from "../../src/cli/commands/graph/dot";
import { svg } from "../../src/cli/commands/graph/svg";
import { openProgress } from "../../src/cli/shared/progress";
import { mermaid } from "../../src/cli/shared/topology/mermaid";
import { topologyOf } from "../../src/cli/shared/topology/topology";
import { connect } from "../../src/core/twilio/connection";
import { openTwilio } from "../../src/core/twilio/transport";
import { type Emulator, startEmulator } from "../../src/emulator";
import { emulatorClient } from "../engine/twilio";

// Resource types that this package does not have (yet): a list in a conversation, a list in a service, a list in the account that refers to a
// number, and a singleton in a service.
vi.mock(import("../../src/catalog"), async (original) => {
  const { catalogEntries, ...rest } = await original();
  const commonFields = { adopt: { local: "create" } } as const;
  const fake: CatalogEntry[] = [
    {
      definition: {
        type: "twilio/fake:Hook",
        product: "conversations",
        sid: "WH",
        list: { key: "webhooks", by: ["url"] },
        path: ([service, conversation]) => `/v1/Services/${service}/Conversations/${conversation}/Webhooks`,
        fields: {
          conversation: { parent: "Conversation", required: true },
          target: {},
          url: { from: "configuration.url" },
          ...commonFields,
        },
        outputs: {},
      },
      facts: { plural: "hooks", export: { isNamedAfterParent: true } },
    },
    {
      definition: {
        type: "twilio/fake:ChatRole",
        product: "conversations",
        sid: "RL",
        list: { key: "roles", by: ["friendlyName"] },
        path: ([service]) => `/v1/Services/${service}/Roles`,
        fields: { service: { parent: "ConversationService", required: true }, friendlyName: {}, type: {}, ...commonFields },
        outputs: {},
      },
      facts: { plural: "chat-roles" },
    },
    {
      definition: {
        type: "twilio/fake:Inbound",
        product: "conversations",
        sid: "IG",
        list: { key: "address_configurations", by: ["address"] },
        path: () => "/v1/Configuration/Addresses",
        fields: { address: { required: true }, type: {}, service: { from: "auto_creation.conversation_service_sid" }, ...commonFields },
        outputs: {},
      },
      facts: {
        plural: "inbound-addresses",
        titleProperties: ["address"],
        references: { address: { to: "PhoneNumber", by: "phoneNumber" }, service: { to: "ConversationService" } },
      },
    },
    {
      definition: {
        type: "twilio/fake:ServiceSettings",
        product: "conversations",
        sid: "IS",
        singleton: true,
        path: ([service]) => `/v1/Services/${service}/Configuration`,
        fields: { service: { parent: "ConversationService", required: true }, reachabilityEnabled: { type: "boolean" } },
        outputs: {},
      },
      facts: { plural: "settings" },
    },
  ];
  return {
    ...rest,
    catalogEntries: [...catalogEntries, ...fake],
    catalog: [...catalogEntries, ...fake].map(({ definition }) => definition),
  };
});

describe("a resource type that the CLI has no code for", () => {
  let emulator: Emulator;
  let number: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    const { client } = emulatorClient(emulator);
    const [offer] = await client.availablePhoneNumbers("US").local.list({ limit: 1 });
    number = (await client.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber as string })).phoneNumber;
    const { sid } = await client.conversations.v1.services.create({ friendlyName: "Support" });
    const conversation = await client.conversations.v1.services(sid).conversations.create({ friendlyName: "Hello" });
    await client.conversations.v1
      .services(sid)
      .conversations(conversation.sid)
      .webhooks.create({
        target: "webhook",
        "configuration.url": "https://example.com/hook",
        "configuration.filters": ["onMessageAdded"],
      });
    await client.conversations.v1.addressConfigurations.create({
      type: "sms",
      address: number,
      "autoCreation.enabled": true,
      "autoCreation.type": "default",
      "autoCreation.conversationServiceSid": sid,
    });
  });
  afterAll(() => emulator.close());

  async function exported(include: readonly string[], service?: string) {
    const { accountSid, authToken, url } = emulator;
    const env = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url };
    const twilio = openTwilio(await connect({ config: () => undefined, env, cwd: "/", openEmbedded: () => Promise.reject() }));
    const file = openScanFile(undefined, { accountSid, place: url, what: "" });
    return declare(await scan({ twilio, file, progress: openProgress({ quiet: true }), include: new Set(include), service }));
  }
  const all = ["numbers", "services", "conversations", "participants", "hooks", "chat-roles", "inbound-addresses", "settings"];

  it("is exported: adopted, in its parent, with references to other resources", async () => {
    const declared = await exported(all);
    const text = oneFile(declared);
    expect(text).toMatch(
      /new Hook\("hello-hook-\w+", \{\s+adopt: "WH\w+",\s+conversation: hello,\s+target: "webhook",\s+url: "https:\/\/example.com\/hook",/,
    );
    expect(text).toMatch(/new ChatRole\("channel-admin", \{\s+adopt: "RL\w+",\s+service: (support|defaultConversationsService),/);
    expect(text).toMatch(
      /new Inbound\("inbound-\w+", \{\s+adopt: "IG\w+",\s+address: number\w+\.phoneNumber,\s+type: "sms",\s+service: support,/,
    );
    expect(text).toMatch(/new ServiceSettings\("support-service-settings", \{ service: support, reachabilityEnabled: false \}\)/);
    // What has a resource is no longer counted as left out.
    const leftOut = declared.leftOut.map(({ what }) => what);
    for (const covered of ["webhooks of conversations", "roles", "address configurations"]) expect(leftOut).not.toContain(covered);
    expect(files(declared).get("inbound-addresses.ts")).toContain('import { support } from "./support";');
  });

  it("is left out where only one service is exported that does not refer to it", async () => {
    expect(oneFile(await exported(all, "Support"))).not.toContain("new Inbound(");
    expect(oneFile(await exported(["hooks"], "Support"))).toMatch(/conversation: "IS\w+\/CH\w+"/);
  });

  it("is a node in its parent in every graph", () => {
    const urn = (type: string, name: string) => `urn:pulumi:dev::project::pulumi-nodejs:twilio/${type}::${name}`;
    const resource = (type: string, name: string, id: string, inputs: object) => ({
      urn: urn(type, name),
      type: `pulumi-nodejs:twilio/${type}`,
      id,
      inputs: inputs as Record<string, unknown>,
    });
    const topology = topologyOf([
      resource("conversations:ConversationService", "support", "IS1", { friendlyName: "Support" }),
      resource("conversations:Conversation", "hello", "IS1/CH1", { service: "IS1", friendlyName: "Hello" }),
      resource("fake:Hook", "audit", "IS1/CH1/WH1", { conversation: "IS1/CH1" }),
      resource("fake:ChatRole", "admin", "IS1/RL1", { service: "IS1", friendlyName: "Admin" }),
      resource("fake:Inbound", "inbound", "IG1", { address: "+13125550100" }),
    ]);
    expect(topology.nodes.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
      "number +13125550100",
      "service Support",
      "conversation Hello",
      "hook audit",
      "chat role Admin",
      "inbound +13125550100",
    ]);
    expect(topology.edges.map(({ from, to, relation }) => [from.split("::")[3], relation, to.split("::")[3]])).toEqual([
      [undefined, "reaches", "inbound"],
      ["support", "holds", "hello"],
      ["support", "holds", "admin"],
      ["hello", "includes", "audit"],
    ]);
    for (const drawn of [mermaid(topology), dot(topology), svg(topology, "dev")])
      for (const title of ["Support", "Hello", "audit", "Admin", "+13125550100"]) expect(drawn).toContain(title);
    expect(svg(topology, "dev")).toContain("Others in the account");
  });
});
