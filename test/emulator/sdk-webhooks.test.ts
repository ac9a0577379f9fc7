import { describe, expect, it } from "vitest";
import { useEmulator } from "./support/emulator";
import { receiver } from "./support/receiver";
import { next, open, signIn } from "./support/sdk";

const twilio = useEmulator();
const hook = receiver();

/** A conversation of two, and webhooks that hear of its new messages before and after. */
async function watched() {
  const { conversations } = local;
  const { sid: serviceSid } = await conversations.services.create({ friendlyName: "Support" });
  const service = conversations.services(serviceSid);
  const { sid } = await service.conversations.create({ friendlyName: "Hello" });
  const here = service.conversations(sid);
  for (const identity of ["pineapple", "mango"]) await here.participants.create({ identity });
  const filters = ["onMessageAdd", "onMessageAdded"];
  await service.configuration.webhooks().update({ preWebhookUrl: `${hook.url}/pre`, postWebhookUrl: `${hook.url}/post`, filters });
  const [mine, theirs] = await Promise.all(
    ["pineapple", "mango"].map(async (identity) =>
      open(await signIn("@twilio/conversations", twilio.emulator, { identity, serviceSid }), sid),
    ),
  );
  if (!mine || !theirs) throw new Error("nobody signed in");
  return { here, mine, theirs };
}

describe("what a user of the SDK does", () => {
  it("is asked about and told of under the user's name, and arrives as it was amended", async () => {
    const { here, mine, theirs } = await watched();
    hook.answer = ({ path }) => (path === "/pre" ? { body: '{"body":"kinder words"}' } : {});
    const arrival = next<{ body: string | null; author: string | null }>(theirs, "messageAdded");
    await mine.sendMessage("rude words");
    expect(await arrival).toMatchObject({ body: "kinder words", author: "pineapple" });
    await hook.until(2);
    expect(hook.received.map(({ path, parameters }) => [path, parameters.EventType, parameters.Body])).toEqual([
      ["/pre", "onMessageAdd", "rude words"],
      ["/post", "onMessageAdded", "kinder words"],
    ]);
    for (const { parameters, isSigned } of hook.received) {
      expect(parameters).toMatchObject({ Source: "SDK", ClientIdentity: "pineapple", Author: "pineapple" });
      expect(isSigned(twilio.emulator.authToken)).toBe(true);
    }
    expect((await here.messages.list()).map(({ body }) => body)).toEqual(["kinder words"]);
  });

  it("is refused to the user, and nobody hears of it", async () => {
    const { here, mine, theirs } = await watched();
    hook.answer = ({ path, parameters }) => ({ status: path === "/pre" && parameters.Body === "no" ? 403 : 200 });
    const heard: (string | null)[] = [];
    theirs.on("messageAdded", ({ body }) => heard.push(body));
    await expect(mine.sendMessage("no")).rejects.toThrow();
    const arrival = next<{ body: string | null }>(theirs, "messageAdded", ({ body }) => body === "yes");
    await mine.sendMessage("yes");
    await arrival;
    expect(heard).toEqual(["yes"]);
    expect((await here.messages.list()).map(({ index, body }) => `${index} ${body}`)).toEqual(["0 yes"]);
  });
});
