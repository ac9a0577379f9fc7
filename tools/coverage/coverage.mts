// Which paths of Twilio's API have a resource, a look-up, or a reason why not.
import { createRequire } from "node:module";
import { type Part, type Published, publishedPaths, shapeOf } from "./published.mts";

const require = createRequire(import.meta.url);
const { catalog } = require("../../dist/catalog.js") as typeof import("../../dist/catalog.js");

type Definition = (typeof catalog)[number];

/** What is said about paths beyond the definitions, by product and path. */
export interface Entries {
  readonly lookUps: Readonly<Record<string, readonly string[]>>;
  readonly exceptions: Readonly<Record<string, string>>;
}

/** A path and who has it. */
export interface Row extends Published {
  readonly by: "resource" | "look-up" | "exception" | "nothing";
  /** Class names, look-ups or the reason. */
  readonly what: readonly string[];
  /** The path was found under its service: Twilio has the default service's objects under a shorter path too. */
  readonly inDefaultService?: true;
}

const classOf = ({ type }: Definition): string => type.slice(type.indexOf(":") + 1);

/** The shapes of the paths that a definition's requests use. */
function shapesOf(definition: Definition): string[] {
  const { path, singleton, createPath, groups, product } = definition;
  // A definition asked for more parents than it has ignores the rest; for fewer, it writes what is missing as undefined.
  const bases = [0, 1, 2, 3].map((count) => path(Array(count).fill("*"), "*")).filter((one) => !one.includes("undefined"));
  const collections = Object.values(groups?.collections ?? {}).map((one) => `/${one.path}`);
  const suffix = product === "api" ? ".json" : "";
  return bases
    .flatMap((base) => (collections.length > 0 ? collections.map((end) => base + end) : [base]))
    .flatMap((base) => [base, ...(singleton ? [] : [`${base}/*`]), ...(createPath ? [createPath(base)] : [])])
    .map((one) => one + suffix);
}

/** The path under the service that a path of the default service stands for. */
const underService = (path: string): string => path.replace(/^\/v1\//, "/v1/Services/*/");

/** The rows of a part, and what is wrong with the entries for its product. */
export function coverageOf(part: Part, { lookUps, exceptions }: Entries): { rows: Row[]; problems: string[] } {
  const definitions = catalog.filter(({ product }) => product === part.product);
  const published = publishedPaths(part);
  const named = (entries: object) => Object.entries(entries).filter(([key]) => key.startsWith(`${part.product} `));
  const entryFor = <T,>(entries: Readonly<Record<string, T>>, shape: string): T | undefined =>
    Object.entries(entries).find(([key]) => shapeOf(key) === `${part.product} ${shape}`)?.[1];

  const found = (shape: string): Pick<Row, "by" | "what"> | undefined => {
    const classes = definitions.filter((definition) => shapesOf(definition).includes(shape)).map(classOf);
    if (classes.length > 0) return { by: "resource", what: classes };
    const functions = entryFor(lookUps, shape);
    if (functions) return { by: "look-up", what: functions };
    const reason = entryFor(exceptions, shape);
    return reason === undefined ? undefined : { by: "exception", what: [reason] };
  };
  const rows = published.map((one): Row => {
    const shape = shapeOf(one.path);
    const own = found(shape);
    if (own) return { ...one, ...own };
    const longer = part.product === "conversations" ? found(underService(shape)) : undefined;
    return longer ? { ...one, ...longer, inDefaultService: true } : { ...one, by: "nothing", what: [] };
  });

  const covering = (key: string, by: Row["by"]) =>
    rows.some((row) => row.by === by && !row.inDefaultService && `${part.product} ${row.path}` === key);
  return {
    rows,
    problems: [
      ...rows.filter(({ by }) => by === "nothing").map(({ path }) => `${part.product} ${path} has no resource, look-up or exception`),
      ...named(lookUps).flatMap(([key]) => (covering(key, "look-up") ? [] : [`the look-up of ${key} is stale`])),
      ...named(exceptions).flatMap(([key]) => (covering(key, "exception") ? [] : [`the exception for ${key} is stale`])),
    ],
  };
}
