// A policy pack for the recordings: an analyzer plugin with two rules, without the policy SDK.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
// Dependencies of the SDK, which it does not export.
const requireFromSdk = createRequire(require.resolve("@pulumi/pulumi"));
const grpc = requireFromSdk("@grpc/grpc-js");
const { AnalyzerService } = require("@pulumi/pulumi/proto/analyzer_grpc_pb");
const messages = require("@pulumi/pulumi/proto/analyzer_pb");
const plugin = require("@pulumi/pulumi/proto/plugin_pb");
const { Empty } = requireFromSdk("google-protobuf/google/protobuf/empty_pb");

interface Call {
  readonly request: { getUrn(): string; getProperties(): { toJavaScript(): Record<string, unknown> } };
}
type Answer = (error: Error | null, answer?: unknown) => void;

function violation(urn: string, name: string, level: number, message: string) {
  const diagnostic = new messages.AnalyzeDiagnostic();
  diagnostic.setUrn(urn);
  diagnostic.setPolicyname(name);
  diagnostic.setPolicypackname("rules");
  diagnostic.setPolicypackversion("1.0.0");
  diagnostic.setEnforcementlevel(level);
  diagnostic.setMessage(message);
  return diagnostic;
}

const server = new grpc.Server();
const empty = (_call: Call, answer: Answer) => answer(null, new Empty());
server.addService(AnalyzerService, {
  analyze({ request }: Call, answer: Answer) {
    const [urn, { onDelete, timers }] = [request.getUrn(), request.getProperties().toJavaScript()];
    const response = new messages.AnalyzeResponse();
    const { MANDATORY, ADVISORY } = messages.EnforcementLevel;
    const violations = [];
    if (onDelete === "release") violations.push(violation(urn, "keep-numbers", MANDATORY, 'Numbers are kept: set onDelete to "retain".'));
    if (urn.includes(":Conversation::") && !timers)
      violations.push(violation(urn, "set-timers", ADVISORY, "Set timers.closed, or it stays open for ever."));
    response.setDiagnosticsList(violations);
    answer(null, response);
  },
  analyzeStack: (_call: Call, answer: Answer) => answer(null, new messages.AnalyzeResponse()),
  remediate: (_call: Call, answer: Answer) => answer(null, new messages.RemediateResponse()),
  getAnalyzerInfo(_call: Call, answer: Answer) {
    const info = new messages.AnalyzerInfo();
    info.setName("rules");
    info.setVersion("1.0.0");
    answer(null, info);
  },
  getPluginInfo(_call: Call, answer: Answer) {
    const info = new plugin.PluginInfo();
    info.setVersion("1.0.0");
    answer(null, info);
  },
  configure: empty,
  cancel: empty,
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: Error | null, port: number) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
