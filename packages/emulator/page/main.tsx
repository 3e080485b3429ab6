// The emulator's page.
import { render } from "preact";
import { change, clockMode, connect, connected, news, now, problem, root } from "./emulator.ts";
import { Faults, MoveClock } from "./faults.tsx";
import { FidelityView } from "./fidelity.tsx";
import { dateTime } from "./format.ts";
import { Balances, Ledger } from "./money.tsx";
import { link, route } from "./route.ts";
import { Task } from "./task.tsx";
import { goToSearch, Tasks } from "./tasks.tsx";
import { Callbacks, Requests } from "./traffic.tsx";

const VIEWS = {
  tasks: "Tasks",
  requests: "Requests",
  callbacks: "Callbacks",
  ledger: "Ledger",
  faults: "Faults",
  fidelity: "Fidelity",
} as const;
type View = keyof typeof VIEWS;
const isView = (name: string | undefined): name is View => name !== undefined && Object.hasOwn(VIEWS, name);

function Page() {
  const [first, id] = route.value;
  const view = isView(first) ? first : "tasks";
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header>
        <div class="bar">
          <h1>vidtask emulator {root.value.scope !== "" && <span class="scope">scope {root.value.scope}</span>}</h1>
          <Live />
        </div>
        <nav aria-label="Views">
          {Object.entries(VIEWS).map(([name, title]) => (
            <a key={name} href={link(name)} aria-current={name === view ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Balances />
        <div class="bar time">
          <span>
            <time dateTime={new Date(now.value).toISOString()}>{dateTime(now.value)}</time>{" "}
            <span class="mode">
              {typeof clockMode.value === "number" ? `${clockMode.value} times` : clockMode.value} clock
            </span>
          </span>
          <MoveClock />
          <button type="button" class="danger" onClick={reset}>
            Reset
          </button>
        </div>
      </header>
      <p class="hidden" role="status" aria-live="polite">
        {news.value}
      </p>
      <div role="alert">{problem.value !== "" && <p class="problem">{problem.value}</p>}</div>
      <main id="main" tabIndex={-1} class={view === "tasks" && id ? "two" : "one"}>
        {view === "tasks" && <Tasks />}
        {view === "tasks" && id && <Task key={id} id={id} />}
        {view === "requests" && <Requests />}
        {view === "callbacks" && <Callbacks />}
        {view === "ledger" && <Ledger />}
        {view === "faults" && <Faults />}
        {view === "fidelity" && <FidelityView />}
      </main>
    </>
  );
}

const Live = () => (
  <span class={`live ${connected.value === false ? "off" : ""}`} role="status">
    {connected.value === undefined ? "connecting" : connected.value ? "live" : "not connected; trying again"}
  </span>
);

function skip(event: Event): void {
  event.preventDefault(); // the address says which view is shown
  document.getElementById("main")?.focus();
}

function reset(): void {
  if (confirm("Forget all tasks, requests, callbacks, faults and the ledger?")) void change("POST", "/reset");
}

/** `/` goes to the search, Escape from a task to the list. */
addEventListener("keydown", (event) => {
  const { target } = event;
  const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    if (route.value[0] !== "tasks" && route.value[0] !== "") location.hash = link("tasks");
    goToSearch();
  }
  if (event.key === "Escape" && !isTyping && route.value[0] === "tasks" && route.value[1])
    location.hash = link("tasks");
});

const place = document.getElementById("page");
if (place) render(<Page />, place);
connect();
