import fc from "fast-check";
import { expect, it } from "vitest";
import { typeOfNumber } from "../../../src/numbers/number-type";
import { formatOffer, parseOffer } from "../../../src/numbers/offer";

const words = fc.array(fc.oneof(fc.string(), fc.constantFrom("US", "St. John's (East)", "a) for 9.99 EUR a month", "two\nlines")));

it("the price of an offer is read back from its line, whatever the place is called", () => {
  const price = fc.record({
    amount: fc.tuple(fc.nat(), fc.nat({ max: 99 })).map(([whole, cents]) => `${whole}.${cents}`),
    currency: fc.constantFrom("USD", "EUR", "JPY"),
  });
  const number = fc.stringMatching(/^\+[1-9]\d{6,14}$/);
  fc.assert(
    fc.property(
      number,
      words,
      words,
      fc.option(fc.constantFrom("any", "local"), { nil: undefined }),
      fc.option(price, { nil: undefined }),
      (...given) => {
        const [to, place, capabilities, address, cost] = given;
        const line = formatOffer({
          number: to,
          place,
          capabilities,
          ...(address === undefined ? {} : { addressRequirement: address }),
          ...(cost === undefined ? {} : { price: cost }),
        });
        expect(line).not.toContain("\n");
        expect(parseOffer(line)).toEqual({ number: to, ...(cost === undefined ? {} : { price: cost }) });
      },
    ),
  );
});

it("an offer is one line that says what is bought and what it costs", () => {
  const offer = { number: "+13075550100", place: ["Cheyenne", "WY", "US"], capabilities: ["voice", "sms"] };
  expect(formatOffer({ ...offer, price: { amount: "1.15", currency: "USD" } })).toBe(
    "will buy +13075550100 (Cheyenne, WY, US; voice, sms) for 1.15 USD a month",
  );
  expect(formatOffer({ ...offer, addressRequirement: "local" })).toBe(
    "will buy +13075550100 (Cheyenne, WY, US; voice, sms; requires a local address) at a price that Twilio did not report",
  );
});

it("a line that is not an offer has no price", () => {
  expect(parseOffer("+13075550100 was bought for 1.15 USD a month")).toBeUndefined();
  expect(parseOffer("will buy +13075550100 (Cheyenne, WY, US; voice) for a song a month")).toBeUndefined();
});

it("finds country and type of a number that was not searched for by the numbering plan", () => {
  const found = (number: string) => typeOfNumber(number);
  expect(found("+15105550108")).toEqual({ country: "US", type: "local" });
  expect(found("+14165550108")).toEqual({ country: "CA", type: "local" });
  expect(found("+18005550108")).toEqual({ country: "US", type: "toll-free" });
  expect(found("+4915112345678")).toEqual({ country: "DE", type: "mobile" });
  expect(found("+493012345678")).toEqual({ country: "DE", type: "local" });
  // Mexico's plan does not separate them.
  expect(found("+525512345678")).toBeUndefined();
  for (const none of ["[secret]", "a number", "+1"]) expect(found(none)).toBeUndefined();
});
