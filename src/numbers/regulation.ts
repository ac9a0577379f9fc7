import type { Context } from "../core/lifecycle/definition";
import { askOnce } from "../core/lifecycle/preview-lookups";
import type { Body } from "../core/twilio/twilio";
import type { WantedNumber } from "./wanted-number";

/**
 * Warns where Twilio lists a regulation for the number's country and type, and the program declares no bundle. It is no error: an account may
 * have an exception that the list does not show.
 */
export async function warnOfRegulation(news: WantedNumber, type: string, { iso_country: country }: Body, context: Context): Promise<void> {
  if (news.bundleSid !== undefined || typeof country !== "string") return;
  const query = { IsoCountry: country, NumberType: type };
  const page = await askOnce(context, { product: "numbers", path: "/v2/RegulatoryCompliance/Regulations", query }).catch(() => undefined);
  const regulations = Array.isArray(page?.results) ? (page.results as Body[]) : [];
  const endUsers = [...new Set(regulations.filter((one) => one.iso_country === country).map((one) => String(one.end_user_type)))].sort();
  if (endUsers.length === 0) return;
  context.log(
    "warn",
    `Twilio has a regulation for ${type} numbers of ${country} (${endUsers.join(", ")}), and refuses a purchase without an approved regulatory ` +
      "bundle (21649): have one approved in the Twilio Console and declare its SID as `bundleSid`, or declare another country or type.",
  );
}
