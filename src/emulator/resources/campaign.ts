/**
 * Campaigns for texts to the US (A2P 10DLC, QE) of messaging services, as far as they can be read. A registration costs money and takes days, so
 * the emulator has none.
 */
import { NotFound } from "../errors";
import { type Call, ok, type Reply } from "../http/router";
import { checkSid } from "./checks";
import type { Endpoints } from "./endpoints";
import { inMessagingService } from "./messaging-service";

/** The use cases of campaigns; Twilio reviews some of them after the approval. */
const USECASES: [code: string, name: string, isReviewed?: true][] = [
  ["2FA", "Two-Factor authentication (2FA)"],
  ["ACCOUNT_NOTIFICATION", "Account Notification"],
  ["AGENTS_FRANCHISES", "Agents and Franchises", true],
  ["CHARITY", "Charity"],
  ["PROXY", "Proxy", true],
  ["CUSTOMER_CARE", "Customer Care"],
  ["DELIVERY_NOTIFICATION", "Delivery Notification"],
  ["EMERGENCY", "Emergency", true],
  ["FRAUD_ALERT", "Fraud Alert Messaging"],
  ["HIGHER_EDUCATION", "Higher Education"],
  ["K12_EDUCATION", "K-12 Education", true],
  ["LOW_VOLUME", "Low Volume Mixed"],
  ["MARKETING", "Marketing"],
  ["MIXED", "Mixed"],
  ["POLITICAL", "Political"],
  ["POLLING_VOTING", "Polling and voting"],
  ["PUBLIC_SERVICE_ANNOUNCEMENT", "Public Service Announcement"],
  ["SECURITY_ALERT", "Security Alert"],
  ["SOCIAL", "Social", true],
  ["SWEEPSTAKE", "Sweepstake", true],
];

/** Each brand may use all of them. */
function listUsecases({ params }: Call): Reply {
  const brand = params.text("BrandRegistrationSid");
  if (brand) checkSid("BN", brand, "BrandRegistrationSid");
  return ok({
    us_app_to_person_usecases: USECASES.map(([code, name, isReviewed = false]) => ({
      code,
      name,
      description: name,
      post_approval_required: isReviewed,
    })),
  });
}

export const campaignEndpoints: Endpoints = {
  routes: {
    messaging: [
      ...inMessagingService.route("GET", "/Compliance/Usa2p/Usecases", listUsecases),
      ...inMessagingService.route("GET", "/Compliance/Usa2p/{Sid}", (): Reply => {
        throw new NotFound();
      }),
      ...inMessagingService.route("GET", "/Compliance/Usa2p", (call) =>
        inMessagingService.list(call, { key: "compliance", rows: [], body: () => ({}) }),
      ),
    ],
  },
};
