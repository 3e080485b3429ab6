// What another site that is open in the same browser can read and drive: nothing.
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { request, setUp } from "./browser.mjs";

const now = setUp();

describe("another site in the same browser", () => {
  let other;
  let otherUrl;
  beforeAll(async () => {
    other = createServer((_, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>other</title><body>");
    });
    await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
    otherUrl = `:${other.address().port}/`;
  });
  afterAll(() => new Promise((resolve) => other.close(resolve)));

  /** What a page of another origin comes to know, and can change. */
  async function attack(host) {
    await now.apixo.submit(request);
    const page = await now.blank();
    await page.goto(`http://${host}${otherUrl}`);
    return await page.evaluate(
      async ({ target, token }) => {
        const tried = async (path, init) =>
          await fetch(target + path, init).then(
            async (answer) => `${answer.type} ${answer.status} ${await answer.text()}`.slice(0, 60),
            () => "refused",
          );
        const loaded = (tag, set) =>
          new Promise((resolve) => {
            const element = document.createElement(tag);
            element.addEventListener("load", () => resolve("loaded"));
            element.addEventListener("error", () => resolve("refused"));
            set(element);
            document.body.append(element);
            setTimeout(() => resolve("nothing"), 3_000);
          });
        const json = { "content-type": "application/json" };
        const frame = document.createElement("iframe");
        frame.name = "frame";
        document.body.append(frame);
        const form = document.createElement("form");
        Object.assign(form, { method: "POST", action: `${target}/_emulator/reset`, target: "frame" });
        document.body.append(form);
        form.submit();
        return {
          read: await tried("/_emulator/tasks"),
          page: await tried("/"),
          opaque: await tried("/_emulator/tasks", { mode: "no-cors" }),
          write: await tried("/_emulator/reset", { method: "POST", headers: { authorization: `Bearer ${token}` } }),
          simple: await tried("/_emulator/reset", { method: "POST", mode: "no-cors", body: "{}" }),
          faults: await tried("/_emulator/faults", {
            method: "POST",
            headers: json,
            body: '{"on":"poll","kind":"503"}',
          }),
          vendor: await tried("/api/v1/generateTask/kling-2-6", {
            method: "POST",
            headers: { ...json, authorization: "Bearer emulator-key-apixo" },
            body: "{}",
          }),
          script: await loaded("script", (element) => (element.src = `${target}/_emulator/page.js`)),
          events: await new Promise((resolve) => {
            const source = new EventSource(`${target}/_emulator/events`);
            source.addEventListener("tasks", () => resolve("read"));
            source.addEventListener("error", () => resolve("refused"));
          }),
          framed: await loaded("iframe", (element) => (element.src = `${target}/`)).then(() =>
            [...document.querySelectorAll("iframe")].some((element) => {
              try {
                return element.contentDocument?.querySelector("#page") != null;
              } catch {
                return false;
              }
            })
              ? "read"
              : "refused",
          ),
        };
      },
      {
        target: host === "evil.example" ? `http://evil.example:${new URL(now.server.url).port}` : now.server.url,
        token: now.server.token,
      },
    );
  }

  test.each(["127.0.0.1", "localhost"])("at %s can neither read nor drive", async (host) => {
    const found = await attack(host);
    const { opaque, simple, ...others } = found;
    expect(others).toEqual(Object.fromEntries(Object.keys(others).map((name) => [name, "refused"])));
    // What was sent without leave to read it has an empty answer.
    for (const answer of [opaque, simple]) expect(["refused", "opaque 0 "]).toContain(answer);
    expect(now.emulator.ledger).toHaveLength(1);
    expect(now.emulator.requests).toHaveLength(1); // the client's own
    expect((await (await now.api("/faults")).json()).faults).toEqual([]);
  });

  test("under a name of its own that points to this machine can neither read nor drive", async () => {
    const found = await attack("evil.example");
    for (const answer of Object.values(found)) expect(answer).toMatch(/^(refused|nothing|opaque 0 |\w+ 403 )/);
    const page = await now.blank();
    const answer = await page.goto(`http://evil.example:${new URL(now.server.url).port}/`);
    expect(answer.status()).toBe(403);
    expect(await page.content()).not.toContain(now.server.token);
    expect(now.emulator.ledger).toHaveLength(1);
  });
});
