export * from "./messaging-service";
export * from "./messaging-service-sender";
