// The floor of the emulator's figures: a server that reads a form and answers JSON of the same size, and does nothing else.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const answer = JSON.stringify({ text: "x".repeat(900) });
const server = createServer((request, response) => {
  let form = "";
  request.setEncoding("utf8").on("data", (text: string) => (form += text));
  request.on("end", () => {
    new URLSearchParams(form);
    response.writeHead(200, { "content-type": "application/json" }).end(answer);
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
