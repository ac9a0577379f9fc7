import type { Belongings } from "./belongings";
import type { Budget } from "./budget";
import { type Answer, type Created, describe, objectPath } from "./rest";
import { type Form, NotRun } from "./terms";
import type { Traffic } from "./traffic";

/** A price as Twilio writes it. */
export interface Price {
  readonly amount: string;
  readonly currency: string;
}

/** What the objects of a run are created with. */
interface Means {
  readonly traffic: Traffic;
  readonly belongings: Belongings;
  readonly budget: Budget;
  /** The monthly price of a number of this country and type. */
  readonly priceOf: (country: string, type: string) => Promise<Price | undefined>;
}

/** A number of the run. */
interface BoughtNumber {
  readonly sid: string;
  readonly phoneNumber: string;
}

/** The objects that facts share. Each is created when the first fact needs it. */
export class Fixtures {
  private ownService: string | undefined;
  private ownUser: string | undefined;
  private ownNumber: Promise<BoughtNumber> | undefined;

  constructor(private readonly means: Means) {}

  /** The friendly name of the run's objects. */
  get name(): string {
    return this.means.belongings.name;
  }

  /** The path of the run's conversation service. */
  async service(): Promise<string> {
    // After a failure, the next fact tries again.
    if (this.ownService === undefined) this.ownService = (await this.create("/v1/Services", { FriendlyName: this.name })).path;
    return this.ownService;
  }

  /** The path of a user in this service. */
  async user(): Promise<string> {
    if (this.ownUser === undefined) this.ownUser = (await this.create(`${await this.service()}/Users`, { Identity: "conformance" })).path;
    return this.ownUser;
  }

  /** A number that facts share. A failed purchase is not repeated: it may have succeeded without a response. */
  number(): Promise<BoughtNumber> {
    this.ownNumber ??= this.buy();
    return this.ownNumber;
  }

  /** Buys a number, if its price is known and within the limit. */
  async buy(): Promise<BoughtNumber> {
    const { budget, priceOf, traffic } = this.means;
    const query = { SmsEnabled: "true", ExcludeAllAddressRequired: "true", Beta: "false", PageSize: "1" };
    const offers = await traffic.send({ method: "GET", path: "api:/AvailablePhoneNumbers/US/Local.json", form: query });
    const [offer] = (offers.answer.body.available_phone_numbers ?? []) as { phone_number: string }[];
    if (offer === undefined) throw new NotRun(`no number is for sale: ${describe(offers.answer)}`);
    const balance = await traffic.send({ method: "GET", path: "api:/Balance.json" });
    // A subaccount has no balance; its currency is that of the prices.
    const currency = balance.answer.body.currency as string | undefined;
    const cancel = budget.reserve("a local number of the US", await priceOf("US", "local"), currency);
    const path = "api:/IncomingPhoneNumbers.json";
    const form = { PhoneNumber: offer.phone_number, FriendlyName: this.name };
    const { answer } = await traffic.send({ method: "POST", path, form });
    // Twilio has refused, so nothing was bought.
    if (answer.status >= 400 && answer.status < 500) cancel();
    return { sid: createdBy(path, answer).sid, phoneNumber: offer.phone_number };
  }

  /** Creates an object; nothing is known about a fact whose objects cannot be created. */
  async create(path: string, form: Form): Promise<Created> {
    return createdBy(path, (await this.means.traffic.send({ method: "POST", path, form })).answer);
  }

  /** Deletes what Twilio should have refused. */
  async discard(path: string): Promise<void> {
    await this.means.belongings.delete(path);
  }
}

/** The object that a response shows. */
function createdBy(path: string, answer: Answer): Created {
  const { sid } = answer.body;
  if (answer.status >= 300 || typeof sid !== "string") throw new NotRun(`POST ${path} did not create what this needs: ${describe(answer)}`);
  return { path: objectPath(path, sid), sid, body: answer.body };
}
