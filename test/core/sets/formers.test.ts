import { describe, expect, it } from "vitest";
import { participant } from "../../../src/conversations/participant";
import { type Former, Formers } from "../../../src/core/sets/formers";

const former = (key: string, id: string, outputs: Former["outputs"] = {}): Former => ({ key, id, outputs, owner: `urn::${key}` });

describe("objects that others no longer declare", () => {
  const ada = former("ada", "CH1/MB1", { identity: "ada" });
  const again = former("ada", "CH2/MB2", { identity: "ada" });
  const mobile = former("mobile", "CH1/MB3", { sms: { address: "+15558675310", proxyAddress: "+15550001111" } });
  const moved = former("moved", "CH1/MB1", { identity: "ada" });
  const formers = new Formers(participant, [ada, again, mobile, moved]);

  it("are found by key, by id and by what identifies them, all that there are and in their order", () => {
    expect(formers.withKey("ada")).toEqual([ada, again]);
    expect(formers.withId("CH1/MB1")).toEqual([ada, moved]);
    expect(formers.inPlaceOf({ identity: "ada", friendlyName: "Ada" })).toEqual([ada, again, moved]);
    expect(formers.inPlaceOf({ sms: { address: "+15558675310", proxyAddress: "+15550001111" } })).toEqual([mobile]);
  });

  it("are none where nothing is equal", () => {
    expect([formers.withKey("nobody"), formers.withId("CH1"), formers.inPlaceOf({ identity: "grace" })]).toEqual([[], [], []]);
    expect(formers.inPlaceOf({ sms: { address: "+15558675310", proxyAddress: "+15550002222" } })).toEqual([]);
    expect([formers.isEmpty, new Formers(participant, []).isEmpty]).toEqual([false, true]);
  });
});
