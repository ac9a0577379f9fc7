import { describe, expect, it } from "vitest";
import type { Connection } from "../../src/core/twilio/connection";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Request } from "../../src/core/twilio/twilio";
import { canary, connection, errorOf, failed, lost, ok, type Response, request, scripted } from "../support/scripted-transport";

const refusedConnection = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), { code: "ECONNREFUSED" });

const unreachable = (syscall: string) => Object.assign(new Error(`${syscall} EHOSTUNREACH`), { code: "EHOSTUNREACH", syscall });

describe("the number of attempts", () => {
  it.each<[Request["method"], string, number, Response | Error]>([
    ["get", "429", 2, failed(429)],
    ["post", "429, which Twilio never processed", 2, failed(429)],
    ["delete", "429", 2, failed(429)],
    ["delete", "a success with an object, which is not the response to a deletion", 2, ok()],
    ["delete", "a success with an empty object", 2, ok({})],
    ["delete", "a success without content and another status than 204", 2, { statusCode: 200, body: "" }],
    ["get", "a success that is a list", 2, ok([])],
    ["get", "a success without content and another status than 204", 2, { statusCode: 200, body: "" }],
    ["post", "a success that is a list", 1, ok([])],
    ["get", "503", 2, failed(503)],
    ["delete", "503", 2, failed(503)],
    ["get", "a lost response", 2, lost],
    ["delete", "a lost response", 2, lost],
    ["post", "503", 1, failed(503)],
    ["post", "500", 1, failed(500)],
    ["post", "a lost response", 1, lost],
    ["get", "400", 1, failed(400)],
    ["post", "409", 1, failed(409)],
    ["get", "401", 1, failed(401)],
    ["get", "a success that is a web page", 2, failed(200, "<html>sign in</html>")],
    ["delete", "a success that is a web page", 2, failed(200, "<html>sign in</html>")],
    ["post", "a success that is a web page", 1, failed(200, "<html>sign in</html>")],
    ["get", "a truncated response", 2, failed(200, '{"sid": "X')],
    ["get", "a gateway's 404", 2, failed(404, "<html>no such page</html>")],
    ["get", "a gateway's 404 in JSON", 2, failed(404, { message: "no Route matched" })],
    ["get", "a success without content", 2, { statusCode: 204, body: "" }],
    ["post", "a success without content", 1, { statusCode: 204, body: "" }],
    ["get", "408", 2, failed(408)],
    ["post", "408", 1, failed(408)],
    ["post", "an unreachable host", 2, unreachable("connect")],
    ["post", "a host that became unreachable after the request was sent", 1, unreachable("read")],
    ["delete", "a gateway's 404", 2, failed(404, "<html>no such page</html>")],
    ["post", "a refused connection, so that Twilio saw nothing", 2, refusedConnection],
    ["post", "a host name that could not be resolved", 2, Object.assign(new Error("getaddrinfo"), { code: "EAI_AGAIN" })],
  ])("%s after %s: %i", async (method, _what, sent, first) => {
    const done: Response = method === "delete" ? { statusCode: 204, body: "" } : ok();
    const { twilio, requests } = scripted([first, done]);
    const outcome = await twilio.send(request(method)).catch((error: unknown) => error);
    expect(requests).toHaveLength(sent);
    if (sent === 1) expect(outcome).toBeInstanceOf(TwilioError);
    else expect(outcome).toEqual(method === "delete" ? {} : { sid: "X" });
  });

  it("post after 429 and then a lost response: 2", async () => {
    const { twilio, requests } = scripted([failed(429), lost, ok()]);
    expect((await errorOf(twilio.send(request("post")))).status).toBe(0);
    expect(requests).toHaveLength(2);
  });
});

describe("a conflict between two concurrent changes", () => {
  it.each([50213, 50391, 50419])("is retried, because Twilio changed nothing (%i)", async (code) => {
    const { twilio, requests } = scripted([failed(409, { code, message: "Conflicting modification" }), ok()]);
    expect(await twilio.send(request("post"))).toEqual({ sid: "X" });
    expect(requests).toHaveLength(2);
  });

  it.each([
    ["an account", `/2010-04-01/Accounts/AC${"1".repeat(32)}.json`, 2],
    ["the accounts", "/2010-04-01/Accounts.json", 1],
    ["an object of an account", `/2010-04-01/Accounts/AC${"1".repeat(32)}/Addresses.json`, 1],
    ["an object that exists, because the code then means that", "/v1/Configuration/Addresses", 1],
  ])("of %s with 20409 is sent as often as is right", async (_what, path, sent) => {
    const message = "The account was modified by another request. Please refresh and retry.";
    const { twilio, requests } = scripted([failed(409, { code: 20409, message }), ok()]);
    const outcome = await twilio.send({ ...request("post"), path }).catch((error: unknown) => error);
    expect(requests).toHaveLength(sent);
    if (sent === 1) expect(outcome).toMatchObject({ code: 20409 });
    else expect(outcome).toEqual({ sid: "X" });
  });

  it("is distinguished from other conflicts, which the caller must handle", async () => {
    const { twilio, requests } = scripted([failed(409, { code: 50433, message: "Participant already exists" }), ok()]);
    expect((await errorOf(twilio.send(request("post")))).code).toBe(50433);
    expect(requests).toHaveLength(1);
  });
});

describe("a response", () => {
  it("with status 404 means that the object is absent for a read or delete, and is an error for a write", async () => {
    const response = failed(404, { code: 20404, message: "The requested resource /Services was not found" });
    expect(await scripted([response]).twilio.send(request("get"))).toBeUndefined();
    expect(await scripted([response]).twilio.send(request("delete"))).toBeUndefined();
    expect(await errorOf(scripted([response]).twilio.send(request("post")))).toMatchObject({ status: 404, code: 20404 });
  });

  it("with status 204 has an empty body", async () => {
    expect(await scripted([{ statusCode: 204, body: "" }]).twilio.send(request("delete"))).toEqual({});
  });

  it("that is not JSON leaves the outcome of a write unknown", async () => {
    const { twilio, requests } = scripted([{ statusCode: 200, body: "<html>" }]);
    expect(await errorOf(twilio.send(request("post")))).toMatchObject({ status: 0 });
    expect(requests).toHaveLength(1);
  });

  it("with an error provides Twilio's code, message, link and request ID", async () => {
    const body = { code: 50433, message: "Participant already exists", more_info: "https://example.com/50433", status: 409 };
    const error = await errorOf(scripted([failed(409, body, { "twilio-request-id": "RQ1" })]).twilio.send(request("post")));
    expect(error).toMatchObject({ status: 409, code: 50433, requestId: "RQ1", moreInfo: "https://example.com/50433" });
    expect(error.message).toContain("Cannot do it (POST /v1/Services): Participant already exists");
  });

  it("to bad credentials names their account and source, never the secret", async () => {
    const { message } = await errorOf(scripted([failed(401, { code: 20003, message: "Authenticate" })]).twilio.send(request("get")));
    expect(message).toContain(connection.accountSid);
    expect(message).toContain("from the environment");
    expect(message).not.toContain(canary);
  });

  it("with an error status but no message from Twilio is still an error", async () => {
    const error = await errorOf(scripted([failed(400, "<html>Bad gateway</html>")]).twilio.send(request("get")));
    expect(error).toMatchObject({ status: 400, code: undefined });
    expect(error.message).toContain("the response contains no error message; it is a web page, probably from a proxy or gateway");
  });
});

describe("an error never contains a secret", () => {
  const basic = Buffer.from(`${connection.username}:${canary}`).toString("base64");

  it.each([
    ["in plain text", `connect failed with ${canary}`],
    ["in a header", `headers: { Authorization: "Basic ${basic}" }`],
    ["in Base64", Buffer.from(canary).toString("base64")],
    ["in a URL", `https://SKuser:${encodeURIComponent(canary)}@x`],
  ])("%s", async (_what, message) => {
    const wild = Object.assign(new Error(message), { config: { headers: { Authorization: basic } }, code: "EFAIL" });
    const error = await errorOf(scripted([wild]).twilio.send(request("post")));
    const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(everything).not.toContain(canary);
    expect(everything).not.toContain(basic);
    expect(everything).not.toContain(Buffer.from(canary).toString("base64"));
    expect(error.message).toContain("no response from Twilio");
  });
});

describe("the URL of a request", () => {
  it.each<[string, Partial<Connection>, Request["product"], string]>([
    ["uses the product's own host", {}, "conversations", "https://conversations.twilio.com/v1/Services"],
    [
      "starts with the base URL and the product's host",
      { baseUrl: "http://127.0.0.1:1" },
      "pricing",
      "http://127.0.0.1:1/pricing.twilio.com/v1/Services",
    ],
  ])("%s", async (_what, extra, product, url) => {
    const { twilio, requests } = scripted([ok()], { connection: extra });
    await twilio.send({ ...request("get"), product });
    expect(requests[0]?.url).toBe(url);
  });
});

describe("a list", () => {
  const collect = async (items: AsyncGenerator<unknown>) => {
    const found = [];
    for await (const item of items) found.push((item as { n: number }).n);
    return found;
  };

  it.each<[string, Partial<Connection>, Response[], string[]]>([
    [
      "of a v1 product",
      {},
      [
        ok({
          services: [{ n: 1 }, { n: 2 }],
          meta: { next_page_url: "https://conversations.twilio.com/v1/Services?PageSize=2&Page=1&PageToken=PA2" },
        }),
        ok({ services: [{ n: 3 }], meta: { next_page_url: null } }),
      ],
      ["https://conversations.twilio.com/v1/Services", "https://conversations.twilio.com/v1/Services?PageSize=2&Page=1&PageToken=PA2"],
    ],
    [
      "of a v1 product behind a base URL",
      { baseUrl: "http://local" },
      [
        ok({ services: [{ n: 1 }, { n: 2 }], meta: { next_page_url: "http://local/conversations.twilio.com/v1/Services?Page=1" } }),
        ok({ services: [{ n: 3 }], meta: {} }),
      ],
      ["http://local/conversations.twilio.com/v1/Services", "http://local/conversations.twilio.com/v1/Services?Page=1"],
    ],
    [
      "of the 2010 API",
      {},
      [ok({ services: [{ n: 1 }, { n: 2 }], next_page_uri: "/v1/Services?Page=1" }), ok({ services: [{ n: 3 }], next_page_uri: null })],
      ["https://conversations.twilio.com/v1/Services", "https://conversations.twilio.com/v1/Services?Page=1"],
    ],
  ])("%s is read to its last page", async (_what, extra, responses, urls) => {
    const { twilio, requests } = scripted(responses, { connection: extra });
    expect(
      await collect(
        twilio.list({ attempt: "Cannot list", product: "conversations", path: "/v1/Services", query: { PageSize: "2" } }, "services"),
      ),
    ).toEqual([1, 2, 3]);
    expect(requests.map(({ url }) => url)).toEqual(urls);
    expect(requests.map(({ query }) => query)).toEqual([{ PageSize: "2" }, undefined]);
  });

  it("is not read further than needed", async () => {
    const { twilio, requests } = scripted([ok({ services: [{ n: 1 }, { n: 2 }], next_page_uri: "/x?Page=1" })]);
    for await (const item of twilio.list({ attempt: "Cannot list", product: "api", path: "/x" }, "services")) {
      if (item) break;
    }
    expect(requests).toHaveLength(1);
  });

  it.each([
    ["at what is not a URL", ["https://["]],
    ["in another collection", ["/y?Page=1"]],
    ["at the page that it is of", ["/x?Page=1", "/x?Page=1"]],
    ["at a page before", ["/x?Page=1", "/x?Page=2", "/x?Page=1"]],
  ])("that continues %s is an invalid response, which is not waited for again", async (_where, pages) => {
    const { twilio, requests } = scripted(pages.map((next_page_uri) => ok({ services: [{ n: 1 }], next_page_uri })));
    const listed = collect(twilio.list({ attempt: "Cannot list", product: "api", path: "/x" }, "services"));
    const error = await listed.catch((reason: Error) => reason);
    expect(error).toMatchObject({
      message: expect.stringContaining(`must be a further page of /x; received ${JSON.stringify(pages.at(-1))}`),
      isRead: true,
      isInvalid: true,
    });
    expect(requests).toHaveLength(pages.length);
  });

  it("is empty if the collection does not exist", async () => {
    const { twilio } = scripted([failed(404, { code: 20404 })]);
    expect(await collect(twilio.list({ attempt: "Cannot list", product: "api", path: "/x" }, "services"))).toEqual([]);
  });

  it("that the response does not contain is an error, not an empty list", async () => {
    const { twilio } = scripted([ok({ error: "try later" })]);
    const listed = collect(twilio.list({ attempt: "Cannot list", product: "api", path: "/x" }, "services"));
    await expect(listed).rejects.toThrow("the response has no services");
  });
});
