import { UsageError } from "../../../core/twilio/errors";
import { errorsIn, readDigest, whyFailed } from "../../shared/digest";
import type { DriftReport, Undeployed } from "../../shared/drift-report";
import { isManaged, pulumi } from "../../shared/engine";
import { changedPaths, maskSecretUrl, valueAt } from "../../shared/properties";
import type { Digest, Step } from "../../shared/steps";
import { gone, named } from "./compare";

/** The part of an entry of `pulumi stack history --json` that is read. */
interface Operation {
  readonly kind: string;
  readonly result: string;
  readonly endTime?: string;
}

/** The history has whole seconds, the state has fractions. */
const ROUNDING_MS = 2_000;

/**
 * Compares the state with the program where the state may lack what the program declares. A refresh, and an update that failed after its refresh,
 * write Twilio's values into the state: what is gone at Twilio is then also gone from the state, and only the program still declares it. `urns` are
 * the resources in the state.
 */
export async function compareWithProgram(
  stack: string | undefined,
  urns: ReadonlySet<string>,
): Promise<Pick<DriftReport, "undeployed" | "notCompared">> {
  const why = await whyIncomplete(stack, urns);
  if (why === undefined) return { undeployed: [] };
  const run = await pulumi(["preview", "--json"], { stack });
  const digest = readDigest(run?.stdout ?? "");
  const undeployed = digest ? undeployedIn(digest, urns) : [];
  if (run?.code === 0 && digest) return { undeployed };
  return {
    undeployed,
    notCompared: `${why}, so the state may lack what the program declares. \`pulumi preview\` fails: ${whyFailed(run)}`,
  };
}

/** Why the state may lack what the program declares; `undefined` after a successful update, and for a stack that nobody has deployed. */
async function whyIncomplete(stack: string | undefined, urns: ReadonlySet<string>): Promise<string | undefined> {
  const [history, exported] = await Promise.all([
    pulumi(["stack", "history", "--json", "--page-size", "1"], { stack }),
    pulumi(["stack", "export"], { stack }),
  ]);
  if (history?.code !== 0 || exported?.code !== 0) return "the stack's history cannot be read";
  const last = (JSON.parse(history.stdout) as Operation[])[0];
  if (last === undefined) return urns.size === 0 ? undefined : "the stack has no history";
  const { kind, result, endTime = "" } = last;
  if (result !== "succeeded") return `the stack's last operation (${kind}) did not succeed`;
  const written = (JSON.parse(exported.stdout) as { deployment: { manifest?: { time?: string } } }).deployment.manifest?.time ?? "";
  // A killed operation is not in the history.
  if (Date.parse(written) > Date.parse(endTime) + ROUNDING_MS) return "the stack's state was written after its last operation ended";
  const isComplete = kind === "update" || (kind === "destroy" && urns.size === 0);
  return isComplete ? undefined : `the stack's last operation was not an update (${kind})`;
}

/** What the next update would create or change, and what the preview refuses to create. */
function undeployedIn(digest: Digest, urns: ReadonlySet<string>): Undeployed[] {
  const refused = new Map(
    digest.diagnostics.flatMap(({ urn, severity }) => (urn && severity === "error" ? [[urn, refusalOf(digest, urn)]] : [])),
  );
  const steps = digest.steps.filter(
    ({ urn, op, newState }) => newState?.custom && isManaged(urn) && ["create", "update", "replace"].includes(op),
  );
  const planned = steps.map((step): Undeployed => {
    const refusal = refused.get(step.urn);
    refused.delete(step.urn);
    return { ...named(step), ...differenceOf(step), ...(refusal === undefined ? {} : { refusal }) };
  });
  const unplanned = [...refused].filter(([urn]) => !urns.has(urn) && isManaged(urn));
  return [...planned, ...unplanned.map(([urn, refusal]) => ({ ...named({ urn }), ...gone(undefined), refusal }))].sort((a, b) =>
    a.urn < b.urn ? -1 : 1,
  );
}

const refusalOf = ({ diagnostics }: Digest, about: string): string =>
  errorsIn({ diagnostics: diagnostics.filter(({ urn }) => urn === about) }).join("; ");

function differenceOf({ op, oldState, newState, detailedDiff }: Step): Omit<Undeployed, "urn" | "type" | "name" | "id"> {
  if (op === "create") return gone(newState);
  const [olds, news] = [oldState?.inputs, newState?.inputs];
  const paths = detailedDiff ? Object.keys(detailedDiff) : changedPaths(olds, news);
  return {
    gone: false,
    properties: paths
      .filter((path) => path !== "" && !path.startsWith("__"))
      .map((property) => ({
        property,
        declared: maskSecretUrl(valueAt(news, property)),
        actual: maskSecretUrl(valueAt(olds, property)),
        repair: op === "replace" ? "replace" : "update",
      })),
  };
}

/** The error where nothing differs as far as it could be compared. */
export const uncompared = (stack: string, why: string): UsageError =>
  new UsageError(`it is not known whether ${stack} has drift. Twilio has what the state contains. However, ${why}`);
