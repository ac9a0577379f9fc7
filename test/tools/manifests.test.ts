import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkKubernetes, checkPulumiCloud } from "../../tools/manifests/checks.mts";

const examples = join(import.meta.dirname, "../../examples");
const folder = mkdtempSync(join(tmpdir(), "twilio-manifests-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
cpSync(join(examples, "kubernetes-operator"), folder, { recursive: true });
cpSync(join(examples, "pulumi-deployments"), folder, { recursive: true });

/** Replaces text in a copied file while a task runs. */
function edited<T>(file: string, from: string, to: string, task: () => T): T {
  const path = join(folder, file);
  const before = readFileSync(path, "utf8");
  expect(before).toContain(from);
  writeFileSync(path, before.replace(from, to));
  try {
    return task();
  } finally {
    writeFileSync(path, before);
  }
}

// A CRD as the operator's, of the fields that the test changes.
const crd = {
  kind: "CustomResourceDefinition",
  spec: {
    group: "pulumi.com",
    names: { kind: "Stack" },
    versions: [
      {
        name: "v1",
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              ...{ apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } },
              spec: {
                type: "object",
                properties: { stack: { type: "string" }, destroyOnFinalize: { type: "boolean" } },
                "x-kubernetes-preserve-unknown-fields": true,
                required: ["stack"],
              },
            },
          },
        },
      },
    ],
  },
};

describe("the check of the manifests", () => {
  const crdFolder = mkdtempSync(join(tmpdir(), "twilio-crds-"));
  writeFileSync(join(crdFolder, "stacks.yaml"), JSON.stringify(crd));
  afterAll(() => rmSync(crdFolder, { recursive: true, force: true }));
  const stack = () => {
    const results = checkKubernetes(folder, { crdFolder, offline: true });
    return results.find(({ subject }) => subject === "stack.yaml: Stack per-environment-prod");
  };

  it("checks a stack against a CRD, and says what is missing", () => {
    expect(stack()).toMatchObject({ schema: `the CRD in ${crdFolder}`, problems: [] });
    expect(edited("stack.yaml", "destroyOnFinalize: false", "destroyOnFinalize: no-no", stack)?.problems).toEqual([
      "/spec/destroyOnFinalize must be boolean",
    ]);
    expect(edited("stack.yaml", "\nspec:\n  stack:", "\nspecs: {}\nspec:\n  stacks:", stack)?.problems).toEqual([
      "/ must NOT have additional properties: specs",
      "/spec must have required property 'stack'",
    ]);
    expect(
      edited("stack.yaml", "pulumi.com/v1\nkind: Stack", "pulumi.com/v1\nkind: Program", () =>
        checkKubernetes(folder, { crdFolder, offline: true }),
      ),
    ).toContainEqual(expect.objectContaining({ reason: "there is no CRD for pulumi.com/v1 Program" }));
  });

  const standard = checkKubernetes(folder, { crdFolder, offline: true });
  it.skipIf(standard.some(({ reason }) => reason))("checks the other objects and the pod against Kubernetes' OpenAPI document", () => {
    expect(standard.map(({ subject, problems }) => [subject.split(" ").at(-1), problems])).toEqual([
      ["twilio-stacks", []],
      ["twilio-stacks-auth-delegator", []],
      ["per-environment-prod-notes", []],
      ["per-environment-prod", []],
      ["PodSpec", []],
      ["ResourceRequirements", []],
      ["EnvVar", []],
    ]);
    const all = () => checkKubernetes(folder, { crdFolder, offline: true }).flatMap(({ problems = [] }) => problems);
    expect(edited("stack.yaml", "claimName:", "claim:", all)).toEqual([
      "/volumes/0/persistentVolumeClaim must have required property 'claimName'",
      "/volumes/0/persistentVolumeClaim must NOT have additional properties: claim",
    ]);
    expect(edited("access.yaml", "kind: ServiceAccount\nmetadata", "kind: ServiceAcount\nmetadata", all)).toEqual([
      "the kind v1 ServiceAcount is unknown",
    ]);
    // A quantity may be a number.
    expect(edited("stack.yaml", "storage: 100Mi", "storage: 100000000", all)).toEqual([]);
  });

  // The first run compiles the types for a minute.
  const settings = process.env.TEST_ALL ? checkPulumiCloud(folder, "settings", { offline: true }) : { reason: "TEST_ALL is not set" };
  it.skipIf(settings.reason !== undefined)("decodes the settings with the types of Pulumi Cloud's API", { timeout: 300_000 }, () => {
    expect(settings).toMatchObject({ problems: [] });
    expect(checkPulumiCloud(folder, "drift-schedule", { offline: true })).toMatchObject({ problems: [] });
    const check = () => checkPulumiCloud(folder, "settings", { offline: true }).problems;
    expect(edited("settings.json", '"branch"', '"brunch"', check)).toEqual(["/sourceContext/git/brunch is unknown"]);
    expect(edited("settings.json", '"enable": true', '"enable": "yes"', check)).toEqual([
      expect.stringContaining("cannot unmarshal string"),
    ]);
  });
});
