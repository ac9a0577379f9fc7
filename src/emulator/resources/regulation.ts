/** Regulations of numbers: a sample in the format of Twilio's API. For these countries and types, a purchase requires a bundle. */
import { NotFound } from "../errors";
import { v1List } from "../http/paging";
import type { Params } from "../http/params";
import { type Call, ok, type Route, route } from "../http/router";
import type { AvailableNumber } from "../numbers/inventory";
import type { NumberType } from "../numbers/plans";
import { makeSid } from "../sid";
import type { Endpoints } from "./endpoints";

const HOST = "https://numbers.twilio.com";
const PATH = "/v2/RegulatoryCompliance/Regulations";

interface Regulation {
  sid: string;
  seq: number;
  country: string;
  countryName: string;
  type: NumberType;
  endUser: "individual" | "business";
}

const SAMPLE: [country: string, countryName: string, type: NumberType][] = [
  ["AU", "Australia", "local"],
  ["AU", "Australia", "mobile"],
];

const REGULATIONS: Regulation[] = SAMPLE.flatMap(([country, countryName, type], index) =>
  (["individual", "business"] as const).map((endUser, half) => ({
    sid: makeSid(`${country} ${type}`, "RN", half),
    seq: 2 * index + half,
    country,
    countryName,
    type,
    endUser,
  })),
);

/** Whether Twilio sells numbers of this kind only with a bundle. */
export function requiresBundle({ isoCountry, type }: Pick<AvailableNumber, "isoCountry" | "type">): boolean {
  return REGULATIONS.some((regulation) => regulation.country === isoCountry && regulation.type === type);
}

/** Without a bundle, there are no constraints to include. */
const checkConstraints = (params: Params): void => void params.boolean("IncludeConstraints");

function listed({ params }: Call): Regulation[] {
  const [country, type] = ["IsoCountry", "NumberType"].map((name) => params.text(name)?.toLowerCase());
  const endUser = params.word("EndUserType", ["individual", "business"]);
  checkConstraints(params);
  return REGULATIONS.filter(
    (one) =>
      (country ?? one.country.toLowerCase()) === one.country.toLowerCase() &&
      (type ?? one.type) === one.type &&
      (endUser ?? one.endUser) === one.endUser,
  );
}

function fetchRegulation(sid: string): Regulation {
  const found = REGULATIONS.find((regulation) => regulation.sid === sid);
  if (!found) throw new NotFound();
  return found;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function regulationBody({ sid, country, countryName, type, endUser }: Regulation) {
  return {
    sid,
    friendly_name: `${countryName}: ${capital(type)} - ${capital(endUser)}`,
    iso_country: country,
    number_type: type,
    end_user_type: endUser,
    requirements: {
      end_user: [
        { name: capital(endUser), type: endUser, requirement_name: `${endUser}_info`, url: `${HOST}${PATH}/${endUser}`, fields: [] },
      ],
      supporting_document: [],
    },
    url: `${HOST}${PATH}/${sid}`,
  };
}

const routes: Route[] = [
  route("GET", PATH, (call: Call) => v1List(call, HOST, { key: "results", rows: listed(call), body: regulationBody })),
  route("GET", `${PATH}/{RegulationSid}`, ({ part, params }: Call) => {
    checkConstraints(params);
    return ok(regulationBody(fetchRegulation(part("RegulationSid"))));
  }),
];

export const regulationEndpoints: Endpoints = { routes: { numbers: routes } };
