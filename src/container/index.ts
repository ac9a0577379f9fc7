/** The emulator as a container that a test starts with Testcontainers. */
import { AbstractStartedContainer, GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from "testcontainers";
import { control, namespaceAt, remoteSnapshots, variablesOf } from "../emulator/handle";
import type { CreatedNamespace } from "../emulator/namespaces/namespaces";
import type { EmulatorSnapshots, Namespace } from "../emulator/public-types";

/** The port in the container. */
const PORT = 4010;
const STATE = "/state";

/** The credentials of an account. */
export interface TwilioCredentials {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/**
 * The emulator in a container. Build its image from the package's Dockerfile first.
 *
 * @example
 * const twilio = await new TwilioContainer("twilio-emulator").withSeed("orders").start();
 * const { accountSid, authToken } = twilio.getCredentials();
 * // … requests to `${twilio.getBaseUrl()}/conversations.twilio.com/v1/Services`
 * await twilio.stop();
 */
export class TwilioContainer extends GenericContainer {
  private readonly options: string[] = [];
  private readonly allowedHosts: string[] = [];

  constructor(image = "twilio-emulator") {
    super(image);
    this.withExposedPorts(PORT).withWaitStrategy(Wait.forHttp("/_emulator/health", PORT, { abortOnContainerExit: true }));
  }

  /** Determines credentials, SIDs and the phone numbers that can be bought. */
  withSeed(seed: string): this {
    return this.withOptions("--seed", seed);
  }

  /** Keeps the state in a folder of the container's host, which user 1000 must be able to write. Otherwise, it is in memory. */
  withState(folder: string): this {
    return this.withBindMounts([{ source: folder, target: STATE, mode: "rw" }]).withOptions("--state", STATE);
  }

  /** Adds host names under which other containers reach it, besides its network aliases. */
  withAllowedHosts(...names: string[]): this {
    this.allowedHosts.push(...names);
    return this;
  }

  /** Adds options of `twilio-conversations emulator`, such as `--latency`, `100`. */
  withOptions(...options: string[]): this {
    this.options.push(...options);
    return this;
  }

  /** @internal The names by which it is reached are only known now. */
  protected override async beforeContainerCreated(): Promise<void> {
    const { info } = await getContainerRuntimeClient();
    const hosts = [info.containerRuntime.host, ...this.networkAliases, ...this.allowedHosts];
    // Options of one name follow each other, so the list of names is the last of them.
    this.withCommand(["--json", ...this.options, "--allow-host", ...hosts]);
  }

  /** Starts it, and waits until it is healthy. */
  override async start(): Promise<StartedTwilioContainer> {
    const started = await super.start();
    try {
      return new StartedTwilioContainer(started, await credentialsIn(started));
    } catch (error) {
      await started.stop();
      throw error;
    }
  }
}

/** A container in which the emulator runs. */
export class StartedTwilioContainer extends AbstractStartedContainer {
  private readonly credentials: TwilioCredentials;

  /** @internal Use {@link TwilioContainer.start}. */
  constructor(container: StartedTestContainer, credentials: TwilioCredentials) {
    super(container);
    this.credentials = credentials;
  }

  /** The URL for this process: the value of TWILIO_BASE_URL. */
  getBaseUrl(): string {
    return `http://${this.getHost()}:${this.getMappedPort(PORT)}`;
  }

  /** The credentials of the main account. */
  getCredentials(): TwilioCredentials {
    return this.credentials;
  }

  /** The variables with the URL and the credentials, for a process on this machine. */
  getEnvironment(): Record<string, string> {
    return variablesOf({ url: this.getBaseUrl(), ...this.credentials });
  }

  /** The URL of the control plane: `${getControlUrl()}/inbound`. */
  getControlUrl(): string {
    return `${this.getBaseUrl()}/_emulator`;
  }

  /** Saves and restores the whole state by name. */
  getSnapshots(): EmulatorSnapshots {
    return remoteSnapshots(this.getControlUrl());
  }

  /** Creates an emulator beside the main one, with an account of its own, for one of several tests that run at once. */
  async createNamespace(name?: string): Promise<Namespace> {
    return namespaceAt(this.getBaseUrl(), await control<CreatedNamespace>(this.getControlUrl(), "POST", "namespaces", { name }));
  }

  /** Deletes all state except the credentials. */
  async reset(): Promise<void> {
    await control(this.getControlUrl(), "POST", "reset");
  }
}

/** The credentials, which the emulator prints first. */
async function credentialsIn(container: StartedTestContainer): Promise<TwilioCredentials> {
  const logs = await container.logs();
  let text = "";
  try {
    for await (const chunk of logs) {
      text += String(chunk);
      const [, line] = /^(\{"url":.*\})$/m.exec(text) ?? [];
      if (line === undefined) continue;
      const { accountSid, authToken, apiKey, apiSecret } = JSON.parse(line) as TwilioCredentials;
      return { accountSid, authToken, apiKey, apiSecret };
    }
  } finally {
    logs.destroy();
  }
  throw new Error(
    `The container must print the emulator's credentials as JSON, as the image of this package does; it printed ${JSON.stringify(text)}.`,
  );
}
