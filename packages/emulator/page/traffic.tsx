// What went over the wire, and the callbacks.
import { useState } from "preact/hooks";
import type { ExchangeView } from "../src/control/views.ts";
import { callbacks, exchangeOf, requests } from "./emulator.ts";
import { clockTime, pretty } from "./format.ts";
import { Pieces } from "./parts.tsx";
import { link } from "./route.ts";

const newest = <Item extends { id: number }>(items: ReadonlyMap<number, Item>): Item[] =>
  [...items.values()].toSorted((a, b) => b.id - a.id);

const statusClass = (status: number | null) =>
  status === null ? "bad" : status < 300 ? "good" : status < 400 ? "odd" : "bad";

export function Requests() {
  return (
    <section class="list wide" aria-labelledby="requests-title">
      <h2 id="requests-title">
        Requests <span class="count">{requests.value.size}</span>
      </h2>
      <Pieces items={newest(requests.value)} empty="No request has come yet.">
        {(request) => (
          <li key={request.id} class="row flat">
            <span class="line">
              <time dateTime={new Date(request.at).toISOString()}>{clockTime(request.at, true)}</time>
              <span class={`status ${statusClass(request.status)}`}>{request.status ?? request.broken ?? "open"}</span>
              <span class="method">{request.method}</span>
              <span class="path">{request.path}</span>
            </span>
            <span class="line">
              <span class="vendor">{request.vendor || "no vendor"}</span>
              {request.ms !== null && <span>{request.ms} ms</span>}
              {request.fault !== null && <span class="fault">fault {request.fault}</span>}
              {request.undocumented.length > 0 && (
                <span class="odd-note">undocumented: {request.undocumented.join(", ")}</span>
              )}
              {request.taskId !== null && <a href={link("tasks", request.taskId)}>{request.taskId}</a>}
            </span>
            <Exchange id={request.id} />
          </li>
        )}
      </Pieces>
    </section>
  );
}

/** Headers and bodies, once they are asked for. */
export function Exchange({ id }: { id: number }) {
  const [shown, setShown] = useState<ExchangeView | string | undefined>();
  const toggle = async () => {
    if (shown !== undefined) return setShown(undefined);
    try {
      setShown(await exchangeOf(id));
    } catch (error) {
      setShown(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button type="button" class="plain" aria-expanded={shown !== undefined} onClick={() => void toggle()}>
        {shown === undefined ? "Show" : "Hide"} request {id}
      </button>
      {typeof shown === "string" && <p class="failure">{shown}</p>}
      {typeof shown === "object" && (
        <div class="exchange">
          <Half name="Request" headers={shown.requestHeaders} body={shown.requestBody} />
          <Half name="Answer" headers={shown.responseHeaders} body={shown.responseBody} />
        </div>
      )}
    </>
  );
}

function Half({ name, headers, body }: { name: string; headers: Readonly<Record<string, string>>; body: unknown }) {
  const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  const text = [...lines, "", body === null ? "(no body)" : pretty(body)].join("\n");
  return (
    <div>
      <h4>{name}</h4>
      <pre tabIndex={0} aria-label={name}>
        {text}
      </pre>
    </div>
  );
}

export function Callbacks() {
  return (
    <section class="list wide" aria-labelledby="callbacks-title">
      <h2 id="callbacks-title">
        Callbacks <span class="count">{callbacks.value.size}</span>
      </h2>
      <Pieces items={newest(callbacks.value)} empty="No callback was sent yet.">
        {(callback) => (
          <li key={callback.id} class="row flat">
            <span class="line">
              <time dateTime={new Date(callback.at).toISOString()}>{clockTime(callback.at, true)}</time>
              <span class={`status ${statusClass(callback.status)}`}>
                {callback.status ?? callback.error ?? "open"}
              </span>
              <span>{callback.attempt === 0 ? "forged" : `attempt ${callback.attempt}`}</span>
              {callback.fault !== null && <span class="fault">fault {callback.fault}</span>}
            </span>
            <span class="line">
              <span class="vendor">{callback.vendor}</span>
              <a href={link("tasks", callback.taskId)}>{callback.taskId}</a>
              <span class="path">{callback.url}</span>
            </span>
          </li>
        )}
      </Pieces>
    </section>
  );
}
