import { addressConfiguration } from "../../src/conversations/address-configuration";
import { AddressConfiguration, type AddressConfigurationArgs } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Fixture } from "./fixture";
import type { ArgsOf, Body, Known, Subject } from "./subject";

/** The object behind an id. */
const at = ({ client }: EmulatorClient, id: string) => client.conversations.v1.addressConfigurations(id);

const url = "https://example.com/inbound";
const flow = (digit: number) => `FW${String(digit).repeat(32)}`;
const webhook = { url, filters: ["onMessageAdded"] };
const studio = { flowSid: flow(1) };

// A page of Messenger needs no number of the account.
const page = (name: string) => ({ type: "messenger", address: `messenger:${name}` });
const withCreation =
  (autoCreation: object): ArgsOf =>
  (_fixture, name) => ({ ...page(name), autoCreation });

const created = ({ autoCreation }: Body) => autoCreation as Record<string, string & string[]>;
const inService = (values: Body) => created(values).conversation_service_sid;
/** Twilio does not keep the order. */
const sorted = (values: readonly string[] | undefined) => [...(values ?? [])].sort();

export const addressConfigurationSubject: Subject = {
  definition: addressConfiguration,
  type: "pulumi-nodejs:twilio/conversations:AddressConfiguration",
  id: /^IG[0-9a-f]{32}$/,
  deletesFirst: true,
  missing: { id: `IG${"0".repeat(32)}` },
  create: (name, args, options) => new AddressConfiguration(name, args as unknown as AddressConfigurationArgs, options),
  get: (name, id, options) => AddressConfiguration.get(name, id, options),
  args: withCreation({ default: {} }),
  updates: {
    friendlyName: { values: ["Front desk", "Help desk"] },
    enabled: { values: [false, false], isDefaultOtherwise: true, read: (body) => created(body).enabled, unset: true },
    conversationService: {
      values: [({ service }: Fixture) => service, ({ otherService }: Fixture) => otherService],
      expected: [({ idOf }: Known) => idOf("fixture-service"), ({ idOf }: Known) => idOf("fixture-other-service")],
      read: inService,
    },
    autoCreation: {
      values: [{ webhook }, { studio }],
      required: true,
      read: (body) => created(body).type,
      expected: ["webhook", "studio"],
      // The type, the flow and the number of retries, which the former webhook may have left.
      sends: 3,
    },
    "autoCreation.webhook.url": {
      values: ["https://example.com/one", "https://example.com/two"],
      args: withCreation({ webhook }),
      required: true,
      read: (body) => created(body).webhook_url,
    },
    "autoCreation.webhook.method": {
      values: ["GET", "POST"],
      args: withCreation({ webhook }),
      read: (body) => created(body).webhook_method,
      unset: "POST",
    },
    "autoCreation.webhook.filters": {
      values: [["onMessageAdded"], ["onMessageAdded", "onMessageUpdated"]],
      args: withCreation({ webhook }),
      required: true,
      read: (body) => sorted(created(body).webhook_filters),
    },
    "autoCreation.studio.flowSid": {
      values: [flow(1), flow(2)],
      args: withCreation({ studio }),
      required: true,
      read: (body) => created(body).studio_flow_sid,
    },
    "autoCreation.studio.retryCount": {
      values: [1, 3],
      args: withCreation({ studio }),
      read: (body) => created(body).studio_retry_count,
      unset: 0,
    },
  },
  replacements: {
    type: (_fixture, name) => [
      { type: "rcs", address: `rcs:${name}`, autoCreation: { default: {} } },
      { type: "gbm", address: `rcs:${name}`, autoCreation: { default: {} } },
    ],
    address: (_fixture, name) => [
      { ...page(`${name}-before`), autoCreation: { default: {} } },
      { ...page(`${name}-after`), autoCreation: { default: {} } },
    ],
    addressCountry: () => [
      { type: "sms", address: "12345", addressCountry: "US", autoCreation: { default: {} } },
      { type: "sms", address: "12345", addressCountry: "CA", autoCreation: { default: {} } },
    ],
  },
  unsent: { onDelete: { values: ["retain", "delete"] }, adopt: { values: [undefined, `IG${"0".repeat(32)}`] } },
  equivalents: {
    "autoCreation.webhook.filters": {
      values: [
        ["onMessageAdded", "onParticipantAdded"],
        ["onParticipantAdded", "onMessageAdded"],
      ],
      args: withCreation({ webhook }),
    },
  },
  drift: {
    property: "autoCreation",
    declared: { webhook },
    change: (twilio, id) => at(twilio, id).update({ "autoCreation.type": "default" }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  list: async ({ client }) => (await client.conversations.v1.addressConfigurations.list()).map(({ sid }) => sid),
};
