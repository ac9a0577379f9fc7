import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationSet } from "../../src/conversations/conversation-set";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { providerText } from "../../src/core/registration/resource";
import { phoneNumber } from "../../src/numbers/phone-number";

describe("the provider text, which every state refers to forever", () => {
  const texts = Object.fromEntries(
    [phoneNumber, conversationService, conversation, participant, conversationSet].map((definition) => [
      definition.type,
      providerText(definition),
    ]),
  );

  it("is unchanged and at most 250 bytes long", () => {
    const frozen = (name: string) =>
      `module.exports=require(require.resolve('pulumi-twilio-conversations/provider',{paths:['.',process.argv[1]]})).${name}`;
    expect(texts).toEqual({
      "twilio/numbers:PhoneNumber": frozen("PhoneNumber"),
      "twilio/conversations:ConversationService": frozen("ConversationService"),
      "twilio/conversations:Conversation": frozen("Conversation"),
      "twilio/conversations:Participant": frozen("Participant"),
      "twilio/conversations:ConversationSet": frozen("ConversationSet"),
    });
    for (const text of Object.values(texts)) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(250);
  });

  const root = join(import.meta.dirname, "..", "..");
  const require = createRequire(join(root, "package.json"));
  const pluginScript = join(root, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js");
  const scratch = mkdtempSync(join(tmpdir(), "provider-text-"));
  afterAll(() => rmSync(scratch, { recursive: true }));

  /** Loads the text as the engine's plugin does: `cwd` is the program's folder, `plugin` the path of the plugin's script. */
  function load(cwd: string, plugin: string): unknown {
    const fromString = createRequire(require.resolve("@pulumi/pulumi")).resolve("require-from-string");
    const program = `
      const load = require(${JSON.stringify(fromString)});
      const texts = ${JSON.stringify(texts)};
      const found = Object.values(texts).map((text) => Object.keys(load(text).handler()).sort().join());
      console.log(JSON.stringify(found));`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", program, plugin], { cwd, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return JSON.parse(stdout);
  }

  const methods = Array(5).fill("check,configure,create,delete,diff,read,update");

  it("finds the package from a program inside this repository", () => {
    expect(load(join(root, "src"), pluginScript)).toEqual(methods);
  });

  it("finds the package installed in a project", () => {
    const project = join(scratch, "project");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    mkdirSync(join(project, "infra"));
    symlinkSync(root, join(project, "node_modules", "pulumi-twilio-conversations"));
    expect(load(join(project, "infra"), "/nowhere/index.js")).toEqual(methods);
  });

  it("finds the package next to @pulumi/pulumi, where a strict package manager installs it", () => {
    const store = join(scratch, "store", "node_modules");
    mkdirSync(join(store, "@pulumi/pulumi/cmd/dynamic-provider"), { recursive: true });
    symlinkSync(root, join(store, "pulumi-twilio-conversations"));
    const elsewhere = join(scratch, "elsewhere");
    mkdirSync(elsewhere);
    expect(load(elsewhere, join(store, "@pulumi/pulumi/cmd/dynamic-provider/index.js"))).toEqual(methods);
  });
});
