/** The proxy of an emulator, through which clients reach it under Twilio's own host names. */
import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AllowedHosts } from "../http/allowed-hosts";
import { Authority } from "./authority";
import { environmentOf } from "./environment";
import { Tunnels } from "./tunnels";

/** What a client needs to use the proxy. */
export interface ProxySettings {
  /** The file with the certificate of the proxy's authority, PEM. Browsers import it. */
  readonly certificate: string;
  /** The variables that make clients use the proxy and trust its authority. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A proxy that an HTTP server serves. */
export interface EmulatorProxy {
  /** Returns the settings. Call it when the server listens. */
  settings(url: string): ProxySettings;
  /** Ends what the server's own end does not. */
  close(): void;
}

/** Adds a proxy to an HTTP server. Without a state folder, its files exist until it is closed, and its key is in no file. */
export function openProxy(server: Server, stateDir: string | undefined, allowedHosts: AllowedHosts): EmulatorProxy {
  const folder = stateDir === undefined ? mkdtempSync(join(tmpdir(), "twilio-emulator-")) : join(stateDir, "proxy");
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  if (stateDir === undefined) process.on("exit", removeFolder);
  const authority = new Authority({ folder, isStored: stateDir !== undefined });
  const tunnels = new Tunnels(authority, allowedHosts);
  tunnels.attach(server);
  return {
    settings: (url) => ({ certificate: authority.files.certificate, environment: environmentOf(url, authority.files) }),
    close() {
      tunnels.close();
      if (stateDir !== undefined) return;
      process.off("exit", removeFolder);
      removeFolder();
    },
  };
}
