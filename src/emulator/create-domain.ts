/** Creates a domain with the tables of all resources, the main account, and the log of changes that the SDK needs. */
import { tables } from "./catalog";
import type { Clock } from "./clock";
import type { Credentials } from "./credentials";
import { dataTable } from "./data/row";
import { Domain } from "./domain";
import { accountTable, openAccount } from "./resources/account";
import { addKey } from "./resources/key";
import { recordChanges } from "./sdk/sync/log";

const MAIN_ACCOUNT_NAME = "Twilio emulator";

/** The domain is empty until `initialize` is called, so that stored state can be loaded first. */
export function createDomain(options: { credentials?: Credentials; clock?: Clock } = {}): Domain {
  return new Domain({ ...options, tables: [...tables, dataTable], initialize: openMainAccount, onEvent: recordChanges });
}

function openMainAccount(domain: Domain): void {
  const { accountSid, authToken, apiKey, apiSecret } = domain.credentials;
  if (accountTable.in(domain).get(accountSid)) return;
  const scope = domain.scope(accountSid);
  openAccount(scope, { sid: accountSid, authToken, friendlyName: MAIN_ACCOUNT_NAME, ownerSid: accountSid });
  addKey(scope, { sid: apiKey, secret: apiSecret, friendlyName: MAIN_ACCOUNT_NAME });
}
