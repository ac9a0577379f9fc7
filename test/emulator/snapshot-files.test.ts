/** The names of snapshots, and their files in a state folder. */
import { cpSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { attachEmulator, type Emulator } from "../../src/emulator";
import { authorizationOf } from "./support/client";
import { contentOf, start, temporaryFolder, upload } from "./support/snapshots";

describe("the name of a snapshot", () => {
  it.each(["", "..", ".", "../state", "a/b", "a\\b", ".hidden", "-f", "a b", "x".repeat(65), "é", 1, null, undefined, ["a"]])(
    "cannot be %j",
    async (name) => {
      const stateDir = await temporaryFolder();
      const { control } = await start({ stateDir });
      const files = () => readdirSync(stateDir, { recursive: true }).sort();
      const before = files();
      const expected = {
        status: 400,
        body: { message: expect.stringMatching("^the name of a snapshot must have 1 to 64 letters, digits, ") },
      };
      expect(await control.call("POST", "snapshots", { name })).toMatchObject(expected);
      if (typeof name === "string" && name !== "") {
        const path = encodeURIComponent(name).replaceAll(".", "%2e");
        const isDots = /^\.+$/.test(name);
        for (const answer of [await control.call("DELETE", `snapshots/${path}`), await control.call("POST", `snapshots/${path}/restore`)])
          expect(answer).toMatchObject(
            isDots ? { status: expect.toSatisfy((status: number) => status === 404 || status === 405) } : expected,
          );
      }
      expect(files()).toEqual(before);
    },
  );

  it.each(["a", "Before.checkout_2-b", "x".repeat(64), "con", "media-1"])("can be %j", async (name) => {
    const { control } = await start({ stateDir: await temporaryFolder() });
    expect(await control.ok("POST", "snapshots", { name })).toMatchObject({ name });
    expect(await control.ok("POST", `snapshots/${name}/restore`)).toMatchObject({ name });
    expect(await control.ok("DELETE", `snapshots/${name}`)).toEqual({ snapshots: [] });
  });

  it("that nothing has is an error with the names that exist", async () => {
    const { control } = await start();
    expect(await control.call("POST", "snapshots/a/restore")).toEqual({
      status: 404,
      body: { status: 404, message: "there is no snapshot a; there is none yet" },
    });
    await control.ok("POST", "snapshots", { name: "b" });
    expect((await control.call("DELETE", "snapshots/a")).body.message).toBe("there is no snapshot a; there are b");
  });
});

describe("in a state folder, snapshots", () => {
  it("survive a restart, and so does what was restored", async () => {
    const stateDir = await temporaryFolder();
    const first = await start({ stateDir });
    const { sid } = await first.conversations.services.create({ friendlyName: "Support" });
    const media = await upload(first, sid, "hello");
    await first.emulator.snapshots.save("one");
    await first.emulator.reset();
    await first.emulator.close();
    const second = await start({ stateDir });
    await second.emulator.snapshots.restore("one");
    await second.conversations.conversations.create({ friendlyName: "after" });
    const content = await contentOf(second);
    expect(content.services).toContainEqual({ sid, friendlyName: "Support" });
    expect(content.conversations).toMatchObject([{ friendlyName: "after" }]);
    await second.emulator.close();
    const third = await start({ stateDir });
    expect(await contentOf(third)).toEqual(content);
    const headers = { authorization: authorizationOf(third.emulator) };
    const url = `${third.emulator.url}/mcs.us1.twilio.com/v1/Services/${sid}/Media/${media.sid}/Content`;
    expect(await (await fetch(url, { headers })).text()).toBe("hello");
  });

  it("are for their owner only, and deleting them leaves nothing", async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const stateDir = await temporaryFolder();
    const twilio = await start({ stateDir });
    const { sid } = await twilio.conversations.services.create({ friendlyName: "Support" });
    await upload(twilio, sid, "hello");
    for (const name of ["one", "one", "two"]) await twilio.emulator.snapshots.save(name);
    await twilio.emulator.snapshots.restore("one");
    const paths = readdirSync(stateDir, { recursive: true, encoding: "utf8" }).map((name) => join(stateDir, name));
    expect(paths.filter((path) => /snapshots\/[^/]*$/.test(path))).toHaveLength(4);
    expect(paths.filter((path) => /\.twilio\/?media|\/media(-\d+)?$/.test(path))).toHaveLength(1);
    for (const path of paths) {
      const stats = statSync(path);
      expect(`${(stats.mode & 0o777).toString(8)} ${path}`).toBe(`${stats.isDirectory() ? "700" : "600"} ${path}`);
    }
    await twilio.emulator.snapshots.delete("one");
    await twilio.emulator.snapshots.delete("two");
    expect(readdirSync(join(stateDir, "snapshots"))).toEqual([]);
  });

  it("belong to the account of the folder", async () => {
    const [stateDir, other] = [await temporaryFolder(), await temporaryFolder()];
    const first = await start({ stateDir });
    await first.emulator.snapshots.save("one");
    const second = await start({ stateDir: other, seed: "other" });
    mkdirSync(join(other, "snapshots"));
    cpSync(join(stateDir, "snapshots"), join(other, "snapshots"), { recursive: true });
    expect(await second.control.call("POST", "snapshots/one/restore")).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining(first.emulator.accountSid) },
    });
  });

  it("never write or read through a link", async () => {
    const [stateDir, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    const { control, emulator } = await start({ stateDir });
    writeFileSync(join(elsewhere, "secret.json"), "precious");
    symlinkSync(elsewhere, join(stateDir, "snapshots"));
    const errors = vi.spyOn(console, "error").mockImplementation(() => {});
    for (const [method, path, input] of [
      ["POST", "snapshots", { name: "a" }],
      ["POST", "snapshots/secret/restore"],
      ["DELETE", "snapshots/secret"],
      ["GET", "snapshots"],
    ] as const)
      expect((await control.call(method, path, input)).status).toBeGreaterThanOrEqual(500);
    errors.mockRestore();
    expect(readdirSync(elsewhere)).toEqual(["secret.json"]);
    await emulator.close();
  });

  it("are also those of an emulator in another process", async () => {
    const stateDir = await temporaryFolder();
    const { conversations } = await start({ stateDir });
    const attached: Emulator = await attachEmulator(stateDir);
    await attached.snapshots.save("one");
    await conversations.conversations.create();
    expect(await attached.snapshots.list()).toMatchObject([{ name: "one" }]);
    await attached.snapshots.restore("one");
    expect(await conversations.conversations.list()).toEqual([]);
    await attached.snapshots.delete("one");
    await expect(attached.snapshots.restore("one")).rejects.toThrow("there is no snapshot one; there is none yet");
  });
});
