/** Serves the console, a page at `/` that shows resources and events. Its only data source is the control plane. */
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";

// The bundled page exists only in `dist`, also when tests run the sources.
const FOLDER = join(__dirname, "../../../dist/emulator/console/page");

const files: Record<string, { name: string; type: string }> = {
  "/": { name: "index.html", type: "text/html; charset=utf-8" },
  "/_emulator/console/main.js": { name: "main.js", type: "text/javascript; charset=utf-8" },
  "/_emulator/console/icon.svg": { name: "icon.svg", type: "image/svg+xml" },
  "/_emulator/console/style.css": { name: "style.css", type: "text/css; charset=utf-8" },
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** Whether the path is a file of the console. */
export const isConsolePath = (path: string): boolean => Object.hasOwn(files, path);

/** Sends a file of the console. */
export function sendConsole(path: string, response: ServerResponse): void {
  const { name, type } = files[path] as { name: string; type: string };
  const body = readFileSync(join(FOLDER, name));
  response.writeHead(200, {
    "Content-Type": type,
    "Content-Length": body.length,
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
  });
  response.end(body);
}
