/**
 * The URN in the engine's last request about an object. The engine sends it with every read and delete, and the SDK's plugin does not pass it
 * on; but the plugin asks each request for its id just before it calls the provider. Where the SDK changes, lines appear under the stack.
 */
export function requestUrns(): (id: string) => string | undefined {
  const urns = new Map<string, string>();
  for (const request of requestClasses()) {
    const { getId } = request.prototype;
    if (typeof getId !== "function") continue;
    request.prototype.getId = function (this: EngineRequest) {
      const id = getId.call(this);
      urns.set(id, this.getUrn());
      return id;
    };
  }
  return (id) => urns.get(id);
}

interface EngineRequest {
  getId(): string;
  getUrn(): string;
}

function requestClasses(): { prototype: EngineRequest }[] {
  try {
    const { ReadRequest, DeleteRequest } = require("@pulumi/pulumi/proto/provider_pb");
    return [ReadRequest, DeleteRequest].filter(Boolean);
  } catch {
    return [];
  }
}
