import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, inject, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

const examples = join(import.meta.dirname, "../../examples");
const text = (path: string) => readFileSync(join(examples, path), "utf8");

type Node = Record<string, unknown>;
const string = { type: "string", minLength: 1 };
const bool = { type: "boolean" };
/** An object with these properties only. Those whose name ends in `?` may be absent. */
const object = (properties: Node): Node => ({
  type: "object",
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !name.endsWith("?")),
  properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name.replace("?", ""), schema])),
});
const list = (items: Node): Node => ({ type: "array", minItems: 1, items });
const map = (values: Node): Node => ({ type: "object", minProperties: 1, additionalProperties: values });
const constant = (value: unknown): Node => ({ const: value });
const kind = (apiVersion: string, name: string, rest: Node) => object({ apiVersion: constant(apiVersion), kind: constant(name), ...rest });
const metadata = object({ name: { type: "string", pattern: "^[a-z0-9-]{1,42}$" }, "namespace?": constant("twilio") });

// The fields that these manifests use, written from the documentation of Kubernetes and of the operator.
const kinds: Record<string, Node> = {
  ServiceAccount: kind("v1", "ServiceAccount", { metadata }),
  ClusterRoleBinding: kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
    metadata,
    roleRef: object({ apiGroup: constant("rbac.authorization.k8s.io"), kind: constant("ClusterRole"), name: string }),
    subjects: list(object({ kind: constant("ServiceAccount"), name: string, namespace: string })),
  }),
  PersistentVolumeClaim: kind("v1", "PersistentVolumeClaim", {
    metadata,
    spec: object({ accessModes: list(constant("ReadWriteOnce")), resources: object({ requests: object({ storage: string }) }) }),
  }),
  Stack: kind("pulumi.com/v1", "Stack", {
    metadata,
    spec: object({
      stack: string,
      projectRepo: { type: "string", pattern: "^https://" },
      branch: string,
      repoDir: string,
      resyncFrequencySeconds: { type: "integer", minimum: 60 },
      destroyOnFinalize: bool,
      config: map(string),
      envRefs: map(object({ type: constant("Secret"), secret: object({ name: string, key: string }) })),
      serviceAccountName: string,
      workspaceReclaimPolicy: { enum: ["Retain", "Delete"] },
      workspaceTemplate: object({
        spec: object({
          image: { type: "string", pattern: "^pulumi/pulumi:.+-nonroot$" },
          env: list(object({ name: string, value: string })),
          resources: object({ requests: map(string), limits: map(string) }),
          podTemplate: object({
            spec: object({
              securityContext: object({ fsGroup: { type: "integer" } }),
              containers: list(object({ name: constant("pulumi"), volumeMounts: list(object({ name: string, mountPath: string })) })),
              volumes: list(object({ name: string, persistentVolumeClaim: object({ claimName: string }) })),
            }),
          }),
        }),
      }),
    }),
  }),
};
const settings = object({
  sourceContext: object({ git: object({ branch: { type: "string", pattern: "^refs/heads/" }, repoDir: string }) }),
  vcs: object({
    ...{ provider: { enum: ["github", "gitlab", "azure_devops", "bitbucket", "custom"] }, repository: string },
    ...{ deployCommits: bool, previewPullRequests: bool, paths: list(string) },
  }),
  operationContext: object({ options: object({ skipIntermediateDeployments: bool }) }),
  executorContext: object({ executorImage: object({ reference: string }) }),
  cacheOptions: object({ enable: bool }),
});
const driftSchedule = object({ scheduleCron: { type: "string", pattern: "^(\\S+ ){4}\\S+$" }, autoRemediate: constant(false) });

/** What is wrong with a value. */
function problems(schema: Node | undefined, value: unknown): unknown {
  const validate = new Ajv({ allErrors: true }).compile(schema ?? false);
  validate(value);
  return validate.errors ?? [];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: the schemas above describe it
  readonly spec: any;
}
const manifests = readdirSync(join(examples, "kubernetes-operator"))
  .filter((file) => file.endsWith(".yaml"))
  .flatMap((file) => parseAllDocuments(text(`kubernetes-operator/${file}`)).map((document) => document.toJS() as Manifest));
const found = (name: string) => manifests.find((manifest) => manifest.kind === name) as Manifest;

describe("examples/kubernetes-operator", () => {
  it("has a stack, its volume and its identity, with known fields only", () => {
    expect(manifests.map((manifest) => manifest.kind).sort()).toEqual(Object.keys(kinds).sort());
    for (const manifest of manifests) expect(problems(kinds[manifest.kind], manifest)).toEqual([]);
    const { spec } = found("Stack");
    expect(problems(kinds.Stack, { ...found("Stack"), spec: { ...spec, repodir: spec.repoDir } })).not.toEqual([]);
  });

  it("keeps the notes on the stack's own volume, which the pod's group can write", () => {
    const { workspaceTemplate } = found("Stack").spec;
    const { env, podTemplate } = workspaceTemplate.spec;
    const [{ volumeMounts }] = podTemplate.spec.containers;
    const [volume] = podTemplate.spec.volumes;
    expect(env).toEqual([{ name: "XDG_CACHE_HOME", value: volumeMounts[0].mountPath }]);
    expect(volumeMounts[0].name).toBe(volume.name);
    expect(volume.persistentVolumeClaim.claimName).toBe(found("PersistentVolumeClaim").metadata.name);
    expect(podTemplate.spec.securityContext.fsGroup).toBe(1000);
  });

  it("takes credentials from one secret that the README creates, and names what exists", () => {
    const { spec, metadata: own } = found("Stack");
    const readme = text("kubernetes-operator/README.md");
    for (const [variable, { secret }] of Object.entries<{ secret: { name: string; key: string } }>(spec.envRefs)) {
      expect(secret).toEqual({ name: "twilio-stacks", key: variable });
      expect(readme).toContain(`\`${variable}\``);
    }
    expect(readme).toContain("create secret generic twilio-stacks --from-env-file=");
    for (const { metadata: other } of manifests) expect(other.namespace ?? own.namespace).toBe(own.namespace);
    expect(spec.serviceAccountName).toBe(found("ServiceAccount").metadata.name);
    const [, project, stack] = spec.stack.split("/");
    expect(parse(text(`${spec.repoDir}/Pulumi.yaml`)).name).toBe(project);
    expect(existsSync(join(examples, spec.repoDir, `Pulumi.${stack}.yaml`))).toBe(true);
  });
});

describe("examples/pulumi-deployments", () => {
  const sent = JSON.parse(text("pulumi-deployments/settings.json"));

  it("has settings and a schedule with known fields only, and without secrets", () => {
    expect(problems(settings, sent)).toEqual([]);
    expect(problems(settings, { ...sent, operationContext: { environmentVariables: {} } })).not.toEqual([]);
    expect(problems(driftSchedule, JSON.parse(text("pulumi-deployments/drift-schedule.json")))).toEqual([]);
    expect(parse(text(`${sent.sourceContext.git.repoDir}/Pulumi.yaml`)).name).toBe("per-environment");
  });

  it("names commands and flags that the CLI has", () => {
    const commands =
      text("pulumi-deployments/README.md")
        .replaceAll("\\\n", "")
        .match(/^ *pulumi .*$/gm) ?? [];
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const words = command.trim().split(/\s+/).slice(1);
      const end = words.findIndex((word) => word.startsWith("-"));
      const { stdout } = spawnSync(
        join(inject("engine"), "pulumi"),
        [...words.slice(0, end).filter((word) => !word.startsWith("/")), "--help"],
        {
          encoding: "utf8",
        },
      );
      const flags = words.filter((word) => word.startsWith("-"));
      for (const flag of flags) expect(stdout).toMatch(new RegExp(`^ .*(?<![\\w-])${flag}\\b`, "m"));
    }
  });
});
