// What the page knows of the emulator: signals, filled by server-sent events, and calls of the control API.
import { batch, computed, signal } from "@preact/signals";
import type { Happening } from "../src/control/timeline.ts";
import type {
  BalanceView,
  CallbackView,
  ClockView,
  ExchangeView,
  FaultView,
  LedgerView,
  RequestView,
  TaskView,
} from "../src/control/views.ts";
import type { FidelityRow } from "../src/vendors/fidelity-row.ts";

const meta = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="emulator-${name}"]`)?.content ?? "";

const ROOT = `${meta("prefix")}/_emulator`;

/** Of each kind; the oldest go. */
const MOST = 2_000;

export interface Root {
  scope: string;
  taskMs: number | null;
  vendors: { name: string; baseUrl: string; environment: Record<string, string>; failCodes: string[] }[];
  faults: { kind: string; on: string[]; takes: string[] }[];
}

type Status = { balances: BalanceView[]; faults: FaultView[]; clock: ClockView };

type Fidelity = { readonly vendor: string; readonly rows: readonly FidelityRow[] };

export const root = signal<Root>({ scope: "", taskMs: null, vendors: [], faults: [] });
export const fidelity = signal<readonly Fidelity[]>([]);
export const tasks = signal<ReadonlyMap<string, TaskView>>(new Map());
export const requests = signal<ReadonlyMap<number, RequestView>>(new Map());
export const callbacks = signal<ReadonlyMap<number, CallbackView>>(new Map());
export const ledger = signal<ReadonlyMap<number, LedgerView>>(new Map());
export const balances = signal<BalanceView[]>([]);
export const faults = signal<FaultView[]>([]);
export const connected = signal<boolean | undefined>(undefined);
/** The last thing worth hearing, for a live region. */
export const news = signal("");
export const problem = signal("");

const clock = signal<ClockView & { at: number }>({ mode: "real", now: Date.now(), at: performance.now() });
const beat = signal(0);
/** The emulator's time, once a second. */
export const now = computed(() => {
  const { mode, now: then, at } = clock.value;
  void beat.value;
  if (mode === "manual") return then;
  return then + (performance.now() - at) * (mode === "real" ? 1 : mode);
});
export const clockMode = computed(() => clock.value.mode);

const merged = <Key, Item>(old: ReadonlyMap<Key, Item>, items: readonly Item[], keyOf: (item: Item) => Key) => {
  const all = new Map(old);
  for (const item of items) all.set(keyOf(item), item);
  for (const key of all.keys()) {
    if (all.size <= MOST) break;
    all.delete(key);
  }
  return all;
};

function tell(changed: readonly TaskView[]): void {
  const ended = changed.filter(
    ({ id, state }) =>
      (state === "succeeded" || state === "failed") &&
      ["pending", "processing"].includes(tasks.value.get(id)?.state ?? ""),
  );
  const [first] = ended;
  if (first && ended.length === 1) news.value = `Task ${first.id} ${first.state}`;
  else if (ended.length > 1) news.value = `${ended.length} tasks have ended`;
}

export function connect(): void {
  const source = new EventSource(`${ROOT}/events`);
  const on = <Data>(event: string, use: (data: Data) => void) =>
    source.addEventListener(event, (message) =>
      batch(() => use(JSON.parse((message as MessageEvent<string>).data) as Data)),
    );
  let isAgain = false;
  source.addEventListener("open", () => {
    if (isAgain) forget(); // all is told again
    isAgain = true;
    connected.value = true;
    void load();
  });
  source.addEventListener("error", () => (connected.value = false));
  on<TaskView[]>("tasks", (items) => {
    tell(items);
    tasks.value = merged(tasks.value, items.toReversed(), ({ id }) => id);
  });
  on<RequestView[]>("requests", (items) => (requests.value = merged(requests.value, items, ({ id }) => id)));
  on<CallbackView[]>("callbacks", (items) => (callbacks.value = merged(callbacks.value, items, ({ id }) => id)));
  on<LedgerView[]>("ledger", (items) => (ledger.value = merged(ledger.value, items, ({ id }) => id)));
  on<Status>("status", (status) => {
    balances.value = status.balances;
    faults.value = status.faults;
    clock.value = { ...status.clock, at: performance.now() };
  });
  on("reset", () => {
    forget();
    news.value = "The emulator was reset";
  });
  setInterval(() => beat.value++, 1_000);
}

function forget(): void {
  tasks.value = new Map();
  requests.value = new Map();
  callbacks.value = new Map();
  ledger.value = new Map();
}

async function load(): Promise<void> {
  root.value = await get<Root>("");
  fidelity.value = (await get<{ vendors: Fidelity[] }>("/fidelity")).vendors;
}

async function get<Answer>(path: string): Promise<Answer> {
  const response = await fetch(ROOT + path);
  const answer = (await response.json()) as Answer & { error?: { message: string } };
  if (answer.error) throw new Error(answer.error.message);
  return answer;
}

export const exchangeOf = (id: number) => get<ExchangeView>(`/requests/${id}`);
export const timelineOf = (id: string) => get<{ timeline: Happening[] }>(`/tasks/${encodeURIComponent(id)}/timeline`);

/** Changes something, and says what came of it. */
export async function change(method: "POST" | "DELETE", path: string, body?: object, done?: string): Promise<boolean> {
  problem.value = "";
  try {
    const response = await fetch(ROOT + path, {
      method,
      headers: { authorization: `Bearer ${meta("token")}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { error?: { message: string; code: string } };
    if (answer.error?.code === "token") throw new Error("The emulator was started again: load this page anew.");
    if (answer.error) throw new Error(answer.error.message);
    if (done !== undefined) news.value = done;
    return true;
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
    return false;
  }
}
