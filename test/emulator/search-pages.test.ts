import { describe, expect, it } from "vitest";
import { useEmulator } from "./support/emulator";

const twilio = useEmulator();
const search = () => twilio.api.availablePhoneNumbers("US");

describe("the search for numbers", () => {
  it("returns at most 30 numbers, and other ones to those who ask for more", async () => {
    const numbers = async (options: object) => (await search().local.list(options)).map(({ phoneNumber }) => phoneNumber);
    expect(await numbers({ pageSize: 3, limit: 3 })).toHaveLength(3);
    const usual = await numbers({});
    expect(usual).toHaveLength(30);
    expect(await numbers({})).toEqual(usual);
    const wanted = new Set<string>();
    for (let search = 0; search < 4; search++) for (const number of await numbers({ limit: 1000, pageSize: 1000 })) wanted.add(number);
    expect(wanted.size).toBe(120);
    // Fewer numbers than that are always the same.
    const few = { areaCode: 510, contains: "0123", limit: 500, pageSize: 500 };
    expect(await numbers(few)).toEqual(await numbers(few));
  });
});
