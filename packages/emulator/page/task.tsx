// One task: what it is, its result, what can be done to it, and everything that happened to it.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Happening } from "../src/control/timeline.ts";
import type { TaskView } from "../src/control/views.ts";
import { callbacks, change, ledger, requests, root, tasks, timelineOf } from "./emulator.ts";
import { clockTime, dateTime, usd } from "./format.ts";
import { Elapsed, State } from "./parts.tsx";
import { link } from "./route.ts";
import { Exchange } from "./traffic.tsx";

export function Task({ id }: { id: string }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), [id]);
  const task = tasks.value.get(id);
  return (
    <section class="detail" aria-labelledby="task-title">
      <a class="back" href={link("tasks")}>
        All tasks
      </a>
      <h2 id="task-title" tabIndex={-1} ref={title}>
        {id}
      </h2>
      {task ? <Found task={task} /> : <p class="empty">There is no such task, or no longer.</p>}
    </section>
  );
}

function Found({ task }: { task: TaskView }) {
  return (
    <>
      <p class="line">
        <State state={task.state} /> <Elapsed task={task} />
      </p>
      {task.failure && (
        <p class="failure">{[task.failure.code, task.failure.message].filter(Boolean).join(": ") || "failed"}</p>
      )}
      {task.resultUrl !== null && <Result task={task} url={task.resultUrl} />}
      <Actions task={task} />
      <dl class="facts">
        <Fact name="Vendor">{task.vendor}</Fact>
        <Fact name="Model">{task.model}</Fact>
        <Fact name="Prompt">{task.prompt || "(none)"}</Fact>
        <Fact name="Video">
          {task.duration} s, {task.aspectRatio}, {task.sound ? "with sound" : "silent"}
        </Fact>
        <Fact name="Price">{usd(task.usd)}</Fact>
        <Fact name="Created">{dateTime(task.createdAt)}</Fact>
        <Fact name={task.endsAt !== null && task.endsAt > task.createdAt && !isRunning(task) ? "Ended" : "Ends"}>
          {task.endsAt === null ? "never" : dateTime(task.endsAt)}
        </Fact>
      </dl>
      <Timeline task={task} />
    </>
  );
}

const isRunning = ({ state }: TaskView) => state === "pending" || state === "processing";

const Fact = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Result({ task, url }: { task: TaskView; url: string }) {
  if (!url.startsWith(`${location.origin}/`)) return <p>The result is elsewhere: {url}</p>;
  return (
    <figure class={`result r${task.aspectRatio.replace(":", "x")}`}>
      <video key={url} src={url} controls preload="metadata" playsInline aria-label={`Result of ${task.id}`} />
      <figcaption>
        <a href={url} download={`${task.id}.mp4`}>
          Download the mp4
        </a>
      </figcaption>
    </figure>
  );
}

function Actions({ task }: { task: TaskView }) {
  const codes = root.value.vendors.find(({ name }) => name === task.vendor)?.failCodes ?? [];
  const [code, setCode] = useState("");
  const path = `/tasks/${encodeURIComponent(task.id)}`;
  const running = isRunning(task);
  const button = (label: string, action: string, body: object | undefined, done: string, isOff: boolean) => (
    // Not `disabled`: the button that was just used would lose the keyboard's focus.
    <button
      type="button"
      aria-disabled={isOff}
      onClick={() => void (isOff || change("POST", `${path}/${action}`, body, done))}
    >
      {label}
    </button>
  );
  return (
    <div class="actions" role="group" aria-label="Actions">
      {button("Finish", "finish", undefined, "The task is finished", !running)}
      {button("Stick", "stick", undefined, "The task is stuck", !running || task.endsAt === null)}
      {button("Fail", "fail", code === "" ? undefined : { code }, "The task has failed", !running)}
      <label class="field inline">
        <span>with code</span>
        <select value={code || codes[0]} disabled={!running} onChange={(event) => setCode(event.currentTarget.value)}>
          {codes.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {task.hasReceiver ? (
        <>
          {button("Redeliver callback", "redeliver", undefined, "The callback was sent again", running)}
          {button("Forge success", "forge", { kind: "forged" }, "A forged callback was sent", false)}
          {button("Forge failure", "forge", { kind: "forged-failure" }, "A forged callback was sent", false)}
        </>
      ) : (
        <p class="note">Its submit named no receiver for callbacks.</p>
      )}
    </div>
  );
}

function Timeline({ task }: { task: TaskView }) {
  const [timeline, setTimeline] = useState<readonly Happening[]>([]);
  // What has happened is told by the emulator; it is asked again when something of this task has changed.
  const of = <Item extends { taskId: string | null }>(items: ReadonlyMap<number, Item>) =>
    [...items.values()].filter(({ taskId }) => taskId === task.id);
  const version = JSON.stringify([task, of(requests.value), of(callbacks.value), of(ledger.value)]);
  useEffect(() => {
    let isCurrent = true;
    const load = async () => {
      const { timeline: next } = await timelineOf(task.id);
      if (isCurrent) setTimeline(next);
    };
    load().catch(() => {}); // it is gone, or the emulator is: the page says so elsewhere
    return () => void (isCurrent = false);
  }, [version]);
  return (
    <>
      <h3 id="timeline-title">Timeline</h3>
      <ol class="timeline" aria-labelledby="timeline-title">
        {timeline.map((happening, index) => (
          <li key={`${index} ${happening.kind}`} class={happening.kind}>
            <time dateTime={new Date(happening.at).toISOString()}>{clockTime(happening.at, true)}</time>
            <div>
              <span class="kind">{happening.kind}</span> <span class="text">{happening.text}</span>
              {happening.fault !== undefined && <span class="fault">fault {happening.fault}</span>}
              {happening.requestId !== undefined && <Exchange id={happening.requestId} />}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}
