export * from "./look-ups";
export * from "./messaging-service";
export * from "./messaging-service-sender";
