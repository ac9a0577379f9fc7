/** What the engine says in a request about an object and the SDK's plugin does not pass on. */
export interface EngineRequest {
  readonly urn: string;
  /** The identity in the resource's inputs, where the state has one. */
  readonly identity: string | undefined;
}

/**
 * The engine's last request about each object. The engine sends the URN with every read and delete, and the inputs with every read; the SDK's
 * plugin drops both, but it asks each request for its id just before it calls the provider. If the SDK changes, log lines appear under the
 * stack, and the repair of drift lists the identity among its changes; nothing else depends on this.
 */
export function engineRequests(identityKey: string): (id: string) => EngineRequest | undefined {
  const requests = new Map<string, EngineRequest>();
  for (const request of requestClasses()) {
    const { getId } = request.prototype;
    if (typeof getId !== "function") continue;
    request.prototype.getId = function (this: ProtobufRequest) {
      const id = getId.call(this);
      const identity = this.getInputs?.()?.getFieldsMap().get(identityKey)?.getStringValue();
      requests.set(id, { urn: this.getUrn(), identity });
      return id;
    };
  }
  return (id) => requests.get(id);
}

interface ProtobufRequest {
  getId(): string;
  getUrn(): string;
  getInputs?(): { getFieldsMap(): Map<string, { getStringValue(): string }> } | undefined;
}

function requestClasses(): { prototype: ProtobufRequest }[] {
  try {
    const { ReadRequest, DeleteRequest } = require("@pulumi/pulumi/proto/provider_pb");
    return [ReadRequest, DeleteRequest].filter(Boolean);
  } catch {
    return [];
  }
}
