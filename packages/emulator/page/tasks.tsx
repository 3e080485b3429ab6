// The list of tasks, found by words and state.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { root, tasks } from "./emulator.ts";
import { Elapsed, Pieces, State } from "./parts.tsx";
import { link, route } from "./route.ts";

export const words = signal("");
const state = signal("");

const found = computed(() => {
  const text = words.value.trim().toLowerCase();
  return [...tasks.value.values()]
    .filter(
      (task) =>
        (state.value === "" || task.state === state.value) &&
        (text === "" ||
          [task.id, task.model, task.vendor, task.prompt, task.state].some((part) =>
            part.toLowerCase().includes(text),
          )),
    )
    .toSorted((a, b) => b.createdAt - a.createdAt);
});

const search = (): HTMLElement | null => document.getElementById("search");
let isWanted = false;
/** Now, or when the list is shown. */
export function goToSearch(): void {
  isWanted = search() === null;
  search()?.focus();
}

export function Tasks() {
  useEffect(() => {
    if (isWanted) goToSearch();
  }, []);
  const [, selected] = route.value;
  return (
    <section class="list" aria-labelledby="tasks-title">
      <h2 id="tasks-title">
        Tasks <span class="count">{found.value.length}</span>
      </h2>
      <div class="find">
        <label class="field">
          <span>Search</span>
          <input
            id="search"
            type="search"
            value={words.value}
            onInput={(event) => (words.value = event.currentTarget.value)}
            placeholder="id, model, prompt"
          />
        </label>
        <label class="field">
          <span>State</span>
          <select value={state.value} onChange={(event) => (state.value = event.currentTarget.value)}>
            <option value="">all</option>
            {["pending", "processing", "succeeded", "failed"].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {tasks.value.size === 0 ? (
        <Hint />
      ) : (
        <Pieces items={found.value} empty="No task has these words and this state.">
          {(task) => (
            <li key={task.id}>
              <a class="row" href={link("tasks", task.id)} aria-current={task.id === selected ? "true" : undefined}>
                <span class="line">
                  <State state={task.state} />
                  <span class="vendor">{task.vendor}</span>
                  <span class="model">{task.model}</span>
                </span>
                <span class="prompt">{task.prompt || "(no prompt)"}</span>
                <Elapsed task={task} />
              </a>
            </li>
          )}
        </Pieces>
      )}
    </section>
  );
}

/** What to do first. */
function Hint() {
  const { vendors } = root.value;
  const lines = vendors.flatMap(({ environment }) =>
    Object.entries(environment).map(([name, value]) => `${name}=${value}`),
  );
  return (
    <div class="hint">
      <p>No task yet. Give a client this environment; what it submits appears here.</p>
      <pre tabIndex={0} aria-label="Environment of a client">
        {lines.join("\n")}
      </pre>
    </div>
  );
}
