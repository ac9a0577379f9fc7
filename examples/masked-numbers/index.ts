import { ConversationService, MaskedConversation, PhoneNumber } from "pulumi-twilio-conversations";

// The rides of today, for example from your database. The first driver has two passengers.
const [driver, otherDriver] = ["+15558675310", "+15558675311"] as const;
const rides = [
  { id: "4711", passenger: { name: "Ada", address: "+15558675320" }, driver },
  { id: "4712", passenger: { name: "Grace", address: "+15558675321" }, driver },
  { id: "4713", passenger: { name: "Lin", address: "+15558675322" }, driver: otherDriver },
];

// As many numbers as somebody has rides at the same time. Further rides share them.
const search = { country: "US", type: "local", smsEnabled: true } as const;
const proxyNumbers = ["proxy-1", "proxy-2"].map((name) => new PhoneNumber(name, { search }));

// The messages of a ride that is no longer declared are deleted with it.
const service = new ConversationService("rides", { friendlyName: "Rides", forceDestroy: true });

export const numbers = rides.map(({ id, passenger, driver }) => {
  const people = [passenger, { name: "Driver", address: driver }] as const;
  const ride = new MaskedConversation(`ride-${id}`, { service, people, proxyNumbers, forceDestroy: true });
  const [passengerTexts, driverTexts] = ride.proxyAddresses;
  return { id, passengerTexts, driverTexts };
});
