// Checks the manifests of examples/ against the schemas that Kubernetes and Pulumi publish: node tools/manifests/main.mts [--crds FOLDER] [--offline].
// The schemas come from Go modules, so Go must be on PATH. Exits with 1 if a manifest is not valid, and with 2 if a schema is missing.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { checkKubernetes, checkPulumiCloud } from "./checks.mts";

const { values } = parseArgs({ options: { crds: { type: "string" }, offline: { type: "boolean", default: false } } });
const options = { crdFolder: values.crds, offline: values.offline };
const examples = join(import.meta.dirname, "../../examples");
const results = [
  ...checkKubernetes(join(examples, "kubernetes-operator"), options),
  checkPulumiCloud(join(examples, "pulumi-deployments"), "settings", options),
  checkPulumiCloud(join(examples, "pulumi-deployments"), "drift-schedule", options),
];
for (const { subject, schema, problems, reason } of results) {
  if (reason !== undefined) console.log(`NOT CHECKED ${subject}: ${schema} is missing: ${reason}`);
  else if (problems?.length) console.log(`NOT VALID ${subject}, by ${schema}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  else console.log(`valid ${subject}, by ${schema}`);
}
if (results.some(({ problems }) => problems?.length)) process.exitCode = 1;
else if (results.some(({ reason }) => reason !== undefined)) process.exitCode = 2;
