/** Twilio's own libraries, connected to an emulator. */
import twilio from "twilio";
import type { Namespace } from "../emulator/index.js";

type Requests = InstanceType<typeof twilio.RequestClient>;

/** Sends the requests for Twilio's hosts to the emulator, with the host first in the path. */
class EmulatorRequests extends twilio.RequestClient {
  private readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
  }

  override request<T>(options: Parameters<Requests["request"]>[0]): ReturnType<Requests["request"]> & Promise<T> {
    const { host, pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: `${this.url}/${host}${pathname}${search}` }) as never;
  }
}

/** The account's REST client. */
export const connectTo = ({ url, accountSid, authToken }: Namespace): twilio.Twilio =>
  twilio(accountSid, authToken, { httpClient: new EmulatorRequests(url) });

/** An access token for the chat SDK that is valid for an hour. */
export function chatTokenFor({ accountSid, apiKey, apiSecret }: Namespace, identity: string, serviceSid: string): string {
  const { AccessToken } = twilio.jwt;
  const token = new AccessToken(accountSid, apiKey, apiSecret, { identity, ttl: 3600 });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid }));
  return token.toJwt();
}
