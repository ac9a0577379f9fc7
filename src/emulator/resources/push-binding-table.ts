/** The table of push bindings (BS): a device on which a user of a service is notified. */
import { type Base, type Domain, defineTable } from "../domain";

export const BINDING_TYPES = ["apn", "gcm", "fcm", "twilsock"] as const;
export type PushBindingType = (typeof BINDING_TYPES)[number];

export interface PushBindingRecord extends Base {
  serviceSid: string;
  userSid: string;
  identity: string;
  type: PushBindingType;
  /** What the push service calls the device. */
  endpoint: string;
  /** The push credential that the token of the device named. */
  credentialSid: string | null;
  messageTypes: string[];
}

export const pushBindingTable = defineTable<PushBindingRecord>()({
  name: "pushBindings",
  sidPrefix: "BS",
  indexes: {
    service: (binding) => binding.serviceSid,
    user: (binding) => binding.userSid,
    device: ({ serviceSid, type, endpoint }) => `${serviceSid} ${type} ${endpoint}`,
  },
  references: { users: { by: "user", onDelete: "cascade" } },
});

/** Whether a user has a device that can be notified. */
export const isNotifiable = (domain: Domain, { sid }: { sid: string }): boolean => pushBindingTable.in(domain).by.user(sid).length > 0;
