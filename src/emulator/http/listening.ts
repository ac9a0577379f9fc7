/** Where the HTTP server listens, and how it ends. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Starts listening, and returns the URL. */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      const { address, port: actual, family } = server.address() as AddressInfo;
      // "All addresses" is not an address that a client may name: browsers let any page use it to reach this machine.
      const own = address.replace(/^0\.0\.0\.0$/, "127.0.0.1").replace(/^::$/, "::1");
      done(`http://${family === "IPv6" ? `[${own}]` : own}:${actual}`);
    });
  });
}

/** Lets current requests finish for a short time, then closes all connections. */
export function closeServer(server: Server): Promise<void> {
  const GRACE_MS = 500;
  return new Promise((done) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      done();
    });
    server.closeIdleConnections();
  });
}
