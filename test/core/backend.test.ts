import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backendAddress, holderInBackend } from "../../src/core/process/backend";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "backend-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the backend's address", () => {
  it.each([
    ["a login at Pulumi's cloud", "https://api.pulumi.com/", "https://api.pulumi.com"],
    ["a bucket, however it is reached", "s3://states?region=eu-west-1&profile=dev", "s3://states"],
    ["a folder, absolute", "file:///nowhere/states/", "file:///nowhere/states"],
    ["a folder of the user", "file://~", `file://${homedir()}`],
  ])("is one text for %s", (_what, url, address) => {
    expect(backendAddress({ env: { PULUMI_BACKEND_URL: url }, cwd: "/" })).toBe(address);
  });

  it("comes from the environment, else from the project file, else from the login", () => {
    writeFileSync(join(folder, "credentials.json"), JSON.stringify({ current: "https://login.example.com" }));
    const env = { PULUMI_HOME: folder };
    expect(backendAddress({ env, cwd: "/" })).toBe("https://login.example.com");
    const project = mkdtempSync(join(folder, "project-"));
    writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nbackend:\n  # shared\n  url: gs://states\nruntime: nodejs\n");
    expect(backendAddress({ env, cwd: project })).toBe("gs://states");
    expect(backendAddress({ env: { ...env, PULUMI_BACKEND_URL: "azblob://states" }, cwd: project })).toBe("azblob://states");
  });

  it("is not known without any of them", () => {
    expect(backendAddress({ env: { PULUMI_HOME: "/nowhere" }, cwd: "/nowhere" })).toBeUndefined();
  });
});

describe("the resource that has an object", () => {
  const sid = `PN${"1".repeat(32)}`;
  const urn = "urn:pulumi:staging::shop::pulumi-nodejs:twilio/numbers:PhoneNumber::desk";

  function backendWith(name: string, content: string | Buffer) {
    const root = mkdtempSync(join(folder, "states-"));
    const stacks = join(root, ".pulumi", "stacks", "shop");
    mkdirSync(stacks, { recursive: true });
    writeFileSync(join(stacks, name), content);
    return { env: { PULUMI_BACKEND_URL: `file://${root}` }, cwd: "/" };
  }
  const state = (id: string) => JSON.stringify({ version: 3, checkpoint: { latest: { resources: [{ urn, id }] } } });

  it.each([
    ["in a state", "staging.json", state(sid), sid],
    ["in a compressed state", "staging.json.gz", gzipSync(state(sid)), sid],
    ["in a state of PULUMI_DIY_BACKEND_ZSTD", "staging.json.zst", zstdCompressSync(state(sid)), sid],
    ["inside another object", "staging.json", state(`IS1/${sid}`), `IS1/${sid}`],
  ])("is found %s of the file backend", (_where, name, content, id) => {
    expect(holderInBackend(id, undefined, backendWith(name, content))).toEqual({ stack: "staging", urn });
  });

  it.each([
    ["it is the resource itself", "staging.json", state(sid), urn],
    ["an object of the same SID is in another one, as a number is in a messaging service", "staging.json", state(`MG1/${sid}`), undefined],
    ["the object is only mentioned", "staging.json", state(`${sid}/MB1`), undefined],
    ["the state is a backup", "staging.json.bak", state(sid), undefined],
    ["the state is cut off", "staging.json", state(sid).slice(0, -9), undefined],
  ])("is none where %s", (_why, name, content, own) => {
    expect(holderInBackend(sid, own, backendWith(name, content))).toBeUndefined();
  });

  it("is not asked of a backend that is not on this machine", () => {
    expect(holderInBackend(sid, undefined, { env: { PULUMI_BACKEND_URL: "https://api.pulumi.com" }, cwd: "/" })).toBeUndefined();
  });
});
