import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Check, compile, type Schema, strict } from "./schema.mts";

/** An object of a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

/** Reads all objects of a folder's manifests. */
export function readManifests<T = Manifest>(folder: string): { readonly file: string; readonly value: T }[] {
  const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]?.message}`);
      return { file, value: document.toJS() as T };
    }),
  );
}

/** Returns the check of a Kubernetes definition, by its name or by the kind of an object. */
export type KubernetesChecks = (definition: string | Manifest) => Check | undefined;

/** The checks of Kubernetes' OpenAPI document. */
export function kubernetesChecks(openApiFile: string): KubernetesChecks {
  const { definitions } = strict(JSON.parse(readFileSync(openApiFile, "utf8")) as Schema) as { definitions: Record<string, Schema> };
  const nameOf = ({ apiVersion, kind }: Manifest) => {
    const [version, group = ""] = apiVersion.split("/").reverse();
    const isKind = (found: { group: string; version: string; kind: string }) =>
      found.group === group && found.version === version && found.kind === kind;
    return Object.keys(definitions).find((name) => (definitions[name]?.["x-kubernetes-group-version-kind"] as [])?.some(isKind));
  };
  return (definition) => {
    const name = typeof definition === "string" ? definition : nameOf(definition);
    return name === undefined ? undefined : compile({ $ref: `#/definitions/${name}`, definitions });
  };
}

interface CustomResourceDefinition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** The check of an object against the CRD of its kind in a folder, or `undefined` if the folder has none. */
export function customCheck(crdFolder: string, { apiVersion, kind }: Manifest): Check | undefined {
  for (const { value } of readManifests<CustomResourceDefinition | null>(crdFolder)) {
    if (value?.kind !== "CustomResourceDefinition" || value.spec.names.kind !== kind) continue;
    const version = value.spec.versions.find(({ name }) => `${value.spec.group}/${name}` === apiVersion);
    if (version) return compile(strict(version.schema.openAPIV3Schema));
  }
  return undefined;
}

/** The parts of a `Stack` that Kubernetes defines, with the names of their definitions. The operator's CRD does not require what they require. */
export function podParts(stack: Manifest): { readonly definition: string; readonly value: unknown }[] {
  const { workspaceTemplate } = stack.spec as {
    workspaceTemplate?: { spec?: { env?: unknown[]; resources?: unknown; podTemplate?: { spec?: unknown } } };
  };
  const { env = [], resources, podTemplate } = workspaceTemplate?.spec ?? {};
  const core = (name: string, value: unknown) => ({ definition: `io.k8s.api.core.v1.${name}`, value });
  return [
    ...(podTemplate?.spec ? [core("PodSpec", podTemplate.spec)] : []),
    ...(resources ? [core("ResourceRequirements", resources)] : []),
    ...env.map((variable) => core("EnvVar", variable)),
  ];
}
