import type { Output } from "@pulumi/pulumi";
import { sid } from "../core/lifecycle/formats";
import type { Question } from "../core/look-ups/ask";
import { ask, askOutput } from "../core/look-ups/ask";
import { lookUp, lookUpOutput } from "../core/look-ups/look-up";
import type { LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "../core/look-ups/types";
import { UsageError } from "../core/twilio/errors";
import { verifyNames } from "../core/twilio/response";
import type { ApiKeyArgs, ApiKeyOutputs } from "./api-key";
import { apiKey } from "./api-key";
import type { SubaccountArgs, SubaccountOutputs } from "./subaccount";
import { subaccount } from "./subaccount";
import type { TwimlAppArgs, TwimlAppOutputs } from "./twiml-app";
import { twimlApp } from "./twiml-app";

/** Which API key to read: `sid` or `friendlyName`. */
export interface GetApiKeyArgs {
  /** Its SID, `SK…`. */
  sid?: string | undefined;
  /** Its name. Several keys may have it, which is an error. */
  friendlyName?: string | undefined;
}

/** An API key as Twilio has it, without its secret. */
export type GetApiKeyResult = LookUpResult<ApiKeyArgs, ApiKeyOutputs, "secret" | "rotate">;

/** Reads an API key. */
export function getApiKey(args: GetApiKeyArgs, options?: LookUpOptions): Promise<GetApiKeyResult> {
  return lookUp(apiKey, args, options);
}

/** {@link getApiKey} for arguments that are outputs. */
export function getApiKeyOutput(args: LookUpInputs<GetApiKeyArgs>, options?: LookUpOutputOptions): Output<GetApiKeyResult> {
  return lookUpOutput(apiKey, args, options);
}

/** Which subaccount to read: `sid` or `friendlyName`. */
export interface GetSubaccountArgs {
  /** Its SID, `AC…`. */
  sid?: string | undefined;
  /** Its exact name. Several subaccounts may have it, which is an error. */
  friendlyName?: string | undefined;
}

/** A subaccount as Twilio has it, without its auth token. */
export type GetSubaccountResult = LookUpResult<SubaccountArgs, SubaccountOutputs, "authToken">;

/** Reads a subaccount of the account. */
export function getSubaccount(args: GetSubaccountArgs, options?: LookUpOptions): Promise<GetSubaccountResult> {
  return lookUp(subaccount, args, options);
}

/** {@link getSubaccount} for arguments that are outputs. */
export function getSubaccountOutput(args: LookUpInputs<GetSubaccountArgs>, options?: LookUpOutputOptions): Output<GetSubaccountResult> {
  return lookUpOutput(subaccount, args, options);
}

/** Which TwiML application to read: `sid` or `friendlyName`. */
export interface GetTwimlAppArgs {
  /** Its SID, `AP…`. */
  sid?: string | undefined;
  /** Its exact name. Several applications may have it, which is an error. */
  friendlyName?: string | undefined;
}

/** A TwiML application as Twilio has it. */
export type GetTwimlAppResult = LookUpResult<TwimlAppArgs, TwimlAppOutputs>;

/** Reads a TwiML application. */
export function getTwimlApp(args: GetTwimlAppArgs, options?: LookUpOptions): Promise<GetTwimlAppResult> {
  return lookUp(twimlApp, args, options);
}

/** {@link getTwimlApp} for arguments that are outputs. */
export function getTwimlAppOutput(args: LookUpInputs<GetTwimlAppArgs>, options?: LookUpOutputOptions): Output<GetTwimlAppResult> {
  return lookUpOutput(twimlApp, args, options);
}

/** Which account to read. */
export interface GetAccountArgs {
  /** Its SID `AC…`: the account of the credentials or one of its subaccounts. Default: the account of the credentials. */
  sid?: string | undefined;
}

/** An account as Twilio has it, without its auth token. */
export interface GetAccountResult {
  /** The account, `AC…`. */
  readonly id: string;
  /** The account, `AC…`. */
  readonly sid: string;
  /** The account that it is a subaccount of; its own SID for a main account. */
  readonly ownerAccountSid: string;
  /** Its name in the Console. */
  readonly friendlyName: string;
  /** Whether it can be used. */
  readonly status: "active" | "suspended" | "closed";
  /** Whether it is a trial. */
  readonly type: "Trial" | "Full";
}

const account: Question = {
  name: "getAccount",
  fields: { sid: { format: sid("AC") } },
  async answer({ sid: wanted }, { twilio, place }) {
    const own = String(wanted ?? twilio.accountSid);
    const attempt = `Cannot read account ${own}`;
    const body = await twilio.send({ attempt, product: "api", method: "get", path: `/2010-04-01/Accounts/${own}.json` });
    if (!body)
      throw new UsageError(`there is no account ${own} at ${place}. Pass the account of the credentials, or one of its subaccounts.`);
    verifyNames(body, { sid: own }, attempt, true);
    const { friendly_name: friendlyName, owner_account_sid: ownerAccountSid, status, type } = body;
    return { id: own, sid: own, ownerAccountSid, friendlyName, status, type };
  },
};

/**
 * Reads an account: that of the credentials, or one of its subaccounts.
 *
 * @example
 * const { type } = await getAccount();
 */
export function getAccount(args: GetAccountArgs = {}, options?: LookUpOptions): Promise<GetAccountResult> {
  return ask(account, args, options);
}

/** {@link getAccount} for arguments that are outputs. */
export function getAccountOutput(args: LookUpInputs<GetAccountArgs> = {}, options?: LookUpOutputOptions): Output<GetAccountResult> {
  return askOutput(account, args, options);
}
