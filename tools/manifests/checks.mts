import { readFileSync } from "node:fs";
import { join } from "node:path";
import { customCheck, type KubernetesChecks, kubernetesChecks, type Manifest, podParts, readManifests } from "./kubernetes.mts";
import { findModule } from "./modules.mts";
import { checkRequest, type RequestKind } from "./pulumi-cloud.mts";

/** Kubernetes' OpenAPI document is part of kubectl's module. */
const KUBECTL = "k8s.io/kubectl@v0.36.2";
/** The CRDs are part of the operator's module. */
const OPERATOR = "github.com/pulumi/pulumi-kubernetes-operator/v2@v2.3.0";

/** The result of a check. */
export interface Checked {
  /** What was checked. */
  readonly subject: string;
  /** What it was checked against. */
  readonly schema: string;
  /** What is wrong. Unset if it was not checked. */
  readonly problems?: readonly string[];
  /** Why it was not checked. */
  readonly reason?: string;
}

/** Options of the checks. */
export interface CheckOptions {
  /** A folder with the operator's CRDs. Default: the operator's Go module. */
  readonly crdFolder?: string | undefined;
  /** Downloads nothing. Default: false. */
  readonly offline?: boolean;
}

/** Checks a folder's Kubernetes manifests against Kubernetes' OpenAPI document and the operator's CRDs. */
export function checkKubernetes(folder: string, { crdFolder, offline = false }: CheckOptions = {}): Checked[] {
  const kubectl = findModule(KUBECTL, offline);
  const checks = "folder" in kubectl ? kubernetesChecks(join(kubectl.folder, "testdata/openapi/swagger.json")) : kubectl.reason;
  return readManifests(folder).flatMap(({ file, value }) => {
    const subject = `${file}: ${value.kind} ${value.metadata.name}`;
    if (value.apiVersion !== "pulumi.com/v1") return [checkStandard(subject, value, checks)];
    return [checkCustom(subject, value, crdFolder, offline), ...checkPod(subject, value, checks)];
  });
}

function checkStandard(subject: string, value: Manifest, checks: KubernetesChecks | string): Checked {
  const schema = `Kubernetes' OpenAPI document (${KUBECTL})`;
  if (typeof checks === "string") return { subject, schema, reason: checks };
  const check = checks(value);
  return { subject, schema, problems: check ? check(value) : [`the kind ${value.apiVersion} ${value.kind} is unknown`] };
}

function checkPod(subject: string, value: Manifest, checks: KubernetesChecks | string): Checked[] {
  const schema = `Kubernetes' OpenAPI document (${KUBECTL})`;
  if (typeof checks === "string") return [{ subject: `${subject}, its pod`, schema, reason: checks }];
  return podParts(value).map((part) => ({
    ...{ subject: `${subject}, its ${part.definition.split(".").at(-1)}`, schema },
    problems: checks(part.definition)?.(part.value) ?? [`the definition ${part.definition} is unknown`],
  }));
}

function checkCustom(subject: string, value: Manifest, crdFolder: string | undefined, offline: boolean): Checked {
  const schema = crdFolder === undefined ? `the operator's CRD (${OPERATOR})` : `the CRD in ${crdFolder}`;
  const operator = crdFolder === undefined ? findModule(OPERATOR, offline) : { folder: crdFolder };
  if ("reason" in operator) return { subject, schema, reason: operator.reason };
  const check = customCheck(crdFolder ?? join(operator.folder, "deploy/crds"), value);
  return check
    ? { subject, schema, problems: check(value) }
    : { subject, schema, reason: `there is no CRD for ${value.apiVersion} ${value.kind}` };
}

/** Checks a request to Pulumi Cloud against the types of its API. */
export function checkPulumiCloud(folder: string, kind: RequestKind, { offline = false }: CheckOptions = {}): Checked {
  const subject = `${kind}.json`;
  const request = JSON.parse(readFileSync(join(folder, subject), "utf8")) as unknown;
  return { subject, schema: "the types of Pulumi Cloud's API (pulumi-cloud-sdk)", ...checkRequest(kind, request, offline) };
}
