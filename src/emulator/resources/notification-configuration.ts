/** `Configuration/Notifications`: the push notifications of a service. The emulator keeps the settings and sends none. */
import { type Base, defineTable, type Scope } from "../domain";
import { given, type Params } from "../http/params";
import { ok } from "../http/router";
import type { Endpoints } from "./endpoints";
import type { ServiceRecord } from "./service";
import { inNamedService } from "./service-path";

interface Push {
  enabled: boolean;
  template: string | null;
  sound: string | null;
}

interface NotificationSettings {
  logEnabled: boolean;
  newMessage: Push & { badgeCountEnabled: boolean; withMedia: { enabled: boolean; template: string | null } };
  addedToConversation: Push;
  removedFromConversation: Push;
}

/** Its SID is that of the service. */
interface NotificationConfigurationRecord extends Base, NotificationSettings {}

const notificationConfigurationTable = defineTable<NotificationConfigurationRecord>()({
  name: "notificationConfigurations",
  indexes: { owner: (configuration) => configuration.sid },
  references: { services: { by: "owner", onDelete: "cascade" } },
});

const SILENT: Push = { enabled: false, template: null, sound: null };
const UNSET: NotificationSettings = {
  logEnabled: false,
  newMessage: { ...SILENT, badgeCountEnabled: false, withMedia: { enabled: false, template: null } },
  addedToConversation: SILENT,
  removedFromConversation: SILENT,
};

const settingsOf = (scope: Scope, service: ServiceRecord): NotificationSettings =>
  notificationConfigurationTable.in(scope.domain).get(service.sid) ?? UNSET;

/** Each key is independent: what is not sent stays. */
function readPush(params: Params, name: string, before: Push): Push {
  const sent = given<Push>({
    enabled: params.boolean(`${name}.Enabled`),
    template: params.nullable(`${name}.Template`),
    sound: params.nullable(`${name}.Sound`),
  });
  const { enabled, template, sound } = { ...before, ...sent };
  return { enabled, template, sound };
}

function updateNotifications(scope: Scope, service: ServiceRecord, params: Params): void {
  const before = settingsOf(scope, service);
  const { badgeCountEnabled, withMedia } = before.newMessage;
  const settings: NotificationSettings = {
    logEnabled: params.boolean("LogEnabled") ?? before.logEnabled,
    newMessage: {
      ...readPush(params, "NewMessage", before.newMessage),
      badgeCountEnabled: params.boolean("NewMessage.BadgeCountEnabled") ?? badgeCountEnabled,
      withMedia: {
        ...withMedia,
        ...given<typeof withMedia>({
          enabled: params.boolean("NewMessage.WithMedia.Enabled"),
          template: params.nullable("NewMessage.WithMedia.Template"),
        }),
      },
    },
    addedToConversation: readPush(params, "AddedToConversation", before.addedToConversation),
    removedFromConversation: readPush(params, "RemovedFromConversation", before.removedFromConversation),
  };
  const record = notificationConfigurationTable.in(scope.domain).get(service.sid) ?? {
    ...scope.domain.base(scope.accountSid, "CF"),
    sid: service.sid,
    ...UNSET,
  };
  notificationConfigurationTable.update(scope, record, settings);
}

function notificationsBody(scope: Scope, service: ServiceRecord, root: string) {
  const { logEnabled, newMessage, addedToConversation, removedFromConversation } = settingsOf(scope, service);
  const { badgeCountEnabled, withMedia, ...push } = newMessage;
  return {
    account_sid: service.accountSid,
    chat_service_sid: service.sid,
    log_enabled: logEnabled,
    new_message: { ...push, badge_count_enabled: badgeCountEnabled, with_media: withMedia },
    added_to_conversation: addedToConversation,
    removed_from_conversation: removedFromConversation,
    url: `${root}/Configuration/Notifications`,
  };
}

export const notificationConfigurationEndpoints: Endpoints = {
  tables: [notificationConfigurationTable],
  routes: {
    conversations: [
      ...inNamedService.route("GET", "/Configuration/Notifications", ({ scope, service, form }) =>
        ok(notificationsBody(scope, service, form.root)),
      ),
      ...inNamedService.route("POST", "/Configuration/Notifications", ({ scope, service, params, form }) => {
        updateNotifications(scope, service, params);
        return ok(notificationsBody(scope, service, form.root));
      }),
    ],
  },
};
