/**
 * The domain service's ground: store, time, SIDs, events. The rules stand with their resource in
 * `resources/`; every edge reaches them through a {@link Scope}.
 */
import { type Clock, systemClock } from "./clock";
import { type Credentials, credentialsOf } from "./credentials";
import { type DomainEvent, type DomainEventName, type DomainEvents, EventBus, type Origin } from "./events";
import { NumberStock } from "./numbers/stock";
import { type AccountRecord, openAccount } from "./resources/account";
import type { AddressConfigurationRecord } from "./resources/address-configuration";
import type { ConfigurationRecord } from "./resources/configuration";
import type { ConversationRecord } from "./resources/conversation";
import type { IncomingNumberRecord } from "./resources/incoming-number";
import { addKey, type KeyRecord } from "./resources/key";
import type { MediaRecord } from "./resources/media";
import type { MessageRecord } from "./resources/message";
import type { MessagingServiceRecord } from "./resources/messaging-service";
import type { ParticipantRecord } from "./resources/participant";
import type { ReceiptRecord } from "./resources/receipt";
import type { RoleRecord } from "./resources/role";
import type { ScopedWebhookRecord } from "./resources/scoped-webhook";
import type { ServiceRecord } from "./resources/service";
import type { SmsRecord } from "./resources/sms";
import type { UserRecord } from "./resources/user";
import type { WebhookConfigurationRecord } from "./resources/webhook-configuration";
import { Presence } from "./sdk/presence";
import { type SyncItemRow, SyncLog, type SyncObjectRow } from "./sdk/sync/log";
import { makeSid } from "./sid";
import { type Row, Store, type Table } from "./store";

/** What every resource's record has; dates are milliseconds. */
export interface Base extends Row {
  /** Order of creation, over all resources. */
  seq: number;
  accountSid: string;
  dateCreated: number;
  dateUpdated: number;
}

/** A caller's standing in the domain: whose data, and on whose behalf. */
export interface Scope {
  domain: Domain;
  accountSid: string;
  origin: Origin;
  /** What pre-webhooks have changed about the work under way. */
  amendments?: Amendments;
}

/** The properties that the answer to a pre-webhook may change: they outrank what the caller sent. */
export interface Amendments {
  conversation?: { friendlyName?: string };
  message?: { body?: string; author?: string; attributes?: string };
}

interface SettingRow extends Row {
  value: number;
}

/** Undoes a transaction that went well. */
class OnlyRehearsed extends Error {}

export class Domain {
  readonly store = new Store();
  readonly events = new EventBus();
  readonly credentials: Credentials;
  readonly stock: NumberStock;
  private readonly clock: Clock;
  private readonly settings: Table<SettingRow>;
  private announced: DomainEvent[] = [];

  readonly accounts: Table<AccountRecord>;
  readonly keys: Table<KeyRecord>;
  readonly configurations: Table<ConfigurationRecord>;
  readonly numbers: Table<IncomingNumberRecord>;
  readonly messagingServices: Table<MessagingServiceRecord>;
  readonly sms: Table<SmsRecord>;
  readonly services: Table<ServiceRecord>;
  readonly roles: Table<RoleRecord>;
  readonly users: Table<UserRecord>;
  readonly conversations: Table<ConversationRecord>;
  readonly participants: Table<ParticipantRecord>;
  readonly messages: Table<MessageRecord>;
  readonly receipts: Table<ReceiptRecord>;
  readonly media: Table<MediaRecord>;
  readonly syncObjects: Table<SyncObjectRow>;
  readonly syncItems: Table<SyncItemRow>;
  readonly sync = new SyncLog(this);
  readonly presence = new Presence();
  readonly webhookConfigurations: Table<WebhookConfigurationRecord>;
  readonly scopedWebhooks: Table<ScopedWebhookRecord>;
  readonly addressConfigurations: Table<AddressConfigurationRecord>;

  /** Look-ups by something other than the SID. */
  readonly find;

  constructor({ credentials = credentialsOf("test"), clock = systemClock }: { credentials?: Credentials; clock?: Clock } = {}) {
    this.credentials = credentials;
    this.clock = clock;
    this.stock = new NumberStock(credentials.seed);
    this.settings = this.store.table("settings");
    this.accounts = this.store.table("accounts");
    this.keys = this.store.table("keys");
    this.configurations = this.store.table("configurations");
    this.numbers = this.store.table("numbers");
    this.messagingServices = this.store.table("messagingServices");
    this.sms = this.store.table("sms");
    this.services = this.store.table("services");
    this.roles = this.store.table("roles");
    this.users = this.store.table("users");
    this.conversations = this.store.table("conversations");
    this.participants = this.store.table("participants");
    this.messages = this.store.table("messages");
    this.receipts = this.store.table("receipts");
    this.media = this.store.table("media");
    this.syncObjects = this.store.table("syncObjects");
    this.syncItems = this.store.table("syncItems");
    this.webhookConfigurations = this.store.table("webhookConfigurations");
    this.scopedWebhooks = this.store.table("scopedWebhooks");
    this.addressConfigurations = this.store.table("addressConfigurations");
    this.find = {
      keysOf: this.keys.index((key) => key.accountSid),
      numbersOf: this.numbers.index((number) => number.accountSid),
      numberCalled: this.numbers.index((number) => number.phoneNumber),
      sendersOf: this.numbers.index((number) => number.messagingServiceSid ?? undefined),
      messagingServicesOf: this.messagingServices.index((service) => service.accountSid),
      smsOf: this.sms.index((sms) => sms.accountSid),
      smsUnderWay: this.sms.index((sms) => (sms.status === "queued" || sms.status === "accepted" ? "" : undefined)),
      servicesOf: this.services.index((service) => service.accountSid),
      rolesIn: this.roles.index((role) => role.serviceSid),
      usersIn: this.users.index((user) => user.serviceSid),
      userCalled: this.users.index((user) => `${user.serviceSid} ${user.identity}`),
      conversationsIn: this.conversations.index((conversation) => conversation.serviceSid),
      conversationNamed: this.conversations.index(({ serviceSid, uniqueName }) =>
        uniqueName === null ? undefined : `${serviceSid} ${uniqueName}`,
      ),
      conversationsUsing: this.conversations.index((conversation) => conversation.messagingServiceSid ?? undefined),
      conversationsTimed: this.conversations.index(({ dateInactive, dateClosed }) =>
        (dateInactive ?? dateClosed) === null ? undefined : "",
      ),
      conversationsPending: this.conversations.index((conversation) => (conversation.pendingParticipants.length > 0 ? "" : undefined)),
      participantsIn: this.participants.index((participant) => participant.conversationSid),
      participantsCalled: this.participants.index(({ serviceSid, identity }) =>
        identity === null ? undefined : `${serviceSid} ${identity}`,
      ),
      participantsAt: this.participants.index(({ accountSid, address }) => (address === null ? undefined : `${accountSid} ${address}`)),
      messagesIn: this.messages.index((message) => message.conversationSid),
      messageAt: this.messages.index(({ conversationSid, index }) => `${conversationSid} ${index}`),
      receiptsOf: this.receipts.index((receipt) => receipt.messageSid),
      syncItemsOf: this.syncItems.index((item) => item.object),
      webhooksOf: this.scopedWebhooks.index((webhook) => webhook.conversationSid),
      addressConfigurationsOf: this.addressConfigurations.index((configuration) => configuration.accountSid),
      addressConfigured: this.addressConfigurations.index(({ accountSid, address }) => `${accountSid} ${address}`),
      receiptsUnderWay: this.receipts.index((receipt) => (receipt.status === "sent" ? "" : undefined)),
    };
  }

  /** Makes the main account when the store is new. */
  begin(): void {
    if (!this.accounts.get(this.credentials.accountSid)) this.transact(() => this.openMainAccount());
  }

  private openMainAccount(): void {
    const { accountSid, authToken, apiKey, apiSecret } = this.credentials;
    openAccount(this.scope(accountSid), { sid: accountSid, authToken, friendlyName: "Local Twilio", ownerSid: accountSid });
    addKey(this.scope(accountSid), { sid: apiKey, secret: apiSecret, friendlyName: "Local Twilio" });
  }

  scope(accountSid: string, origin: Origin = { source: "API", webhooksEnabled: false }): Scope {
    return { domain: this, accountSid, origin };
  }

  now(): number {
    return this.clock.now() + (this.settings.get("clock-ahead")?.value ?? 0) + this.skew;
  }

  /** How many milliseconds the emulator's time is ahead of what it would be; negative when it is behind. */
  get skew(): number {
    return this.settings.get("clock-skew")?.value ?? 0;
  }

  /** Sets the emulator's clock wrong by so much. Stored as the rest of its time is. To be called in a transaction. */
  setSkew(ms: number): void {
    this.settings.put({ sid: "clock-skew", value: ms });
  }

  /** Sets the emulator's time forward for good; stored, since dates must not run backwards after a restart. */
  advance(ms: number): void {
    this.transact(() => this.settings.put({ sid: "clock-ahead", value: (this.settings.get("clock-ahead")?.value ?? 0) + ms }));
  }

  /** The common part of a new record. */
  base(accountSid: string, prefix: string): Base {
    const seq = (this.settings.get("serial")?.value ?? 0) + 1;
    this.settings.put({ sid: "serial", value: seq });
    const now = this.now();
    return { sid: makeSid(this.credentials.seed, prefix, seq), seq, accountSid, dateCreated: now, dateUpdated: now };
  }

  /** Runs the work wholly or not at all, keeps it, then tells the subscribers. Not to be nested. */
  transact<R>(work: () => R): R {
    this.announced = [];
    const result = this.store.transaction(work);
    const events = this.announced;
    this.announced = [];
    for (const event of events) this.events.publish(event);
    return result;
  }

  /**
   * Like {@link transact}, unless what the work leads to may not happen (yet): then nothing is kept, nobody is told,
   * and the answer is undefined. `mayHappen` sees the state that the work has made.
   */
  rehearse<R>(work: () => R, mayHappen: (events: readonly DomainEvent[]) => boolean): { result: R } | undefined {
    try {
      const result = this.transact(() => {
        const outcome = work();
        if (!mayHappen(this.announced)) throw new OnlyRehearsed();
        return outcome;
      });
      return { result };
    } catch (error) {
      if (error instanceof OnlyRehearsed) return undefined;
      throw error;
    }
  }

  /** Announces what happened; delivered when the transaction is kept. */
  announce<Name extends DomainEventName>(at: Scope, name: Name, data: DomainEvents[Name]): void {
    const event = { name, accountSid: at.accountSid, at: this.now(), origin: at.origin, data } as DomainEvent;
    this.announced.push({ ...event, changes: this.sync.record(event) });
  }

  /** Forgets everything but the main account's credentials. SIDs are never used twice, as at Twilio. */
  reset(): void {
    const serial = this.settings.get("serial");
    this.transact(() => {
      for (const [name, rows] of Object.entries(this.store.dump())) {
        for (const row of rows) this.store.remove(name, row.sid);
      }
      if (serial) this.settings.put(serial);
      this.announce(this.scope(this.credentials.accountSid), "reset", {});
      // In the same step: without its account, nobody could use the emulator again.
      this.openMainAccount();
    });
  }
}
