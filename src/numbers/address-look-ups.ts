import type { Output } from "@pulumi/pulumi";
import { lookUp, lookUpOutput } from "../core/look-ups/look-up";
import type { LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "../core/look-ups/types";
import type { AddressArgs, AddressOutputs } from "./address";
import { address } from "./address";

/** Which address to read: `sid` or `friendlyName`. */
export interface GetAddressArgs {
  /** Its SID, `AD…`. */
  sid?: string | undefined;
  /** Its exact name in the Console. */
  friendlyName?: string | undefined;
}

/** A postal address as Twilio has it. */
export type GetAddressResult = LookUpResult<AddressArgs, AddressOutputs>;

/**
 * Reads a postal address of the account.
 *
 * @example
 * const office = await getAddress({ friendlyName: "Head office" });
 */
export function getAddress(args: GetAddressArgs, options?: LookUpOptions): Promise<GetAddressResult> {
  return lookUp(address, args, options);
}

/** {@link getAddress} for arguments that are outputs. */
export function getAddressOutput(args: LookUpInputs<GetAddressArgs>, options?: LookUpOutputOptions): Output<GetAddressResult> {
  return lookUpOutput(address, args, options);
}
