// The finished videos, as the file host behind a vendor's result URLs has them.
import type { Store, StoredTask } from "../state/tasks.ts";
import type { OwnClock } from "../time/clock.ts";
import { makeVideo } from "../video.ts";
import { etagOf, notFound, serve, type Served } from "./serve.ts";

/** The vendor of the results, and how long their URLs live. */
type Host = { readonly name: string; readonly resultUrlLifeMs?: number | undefined };

const RESULTS = "/results";

/** Where a task's result is, for a caller who reached the emulator at `origin`. */
export function resultUrl(origin: string, vendor: string, task: StoredTask): string {
  return task.resultUrl ?? `${origin}${RESULTS}/${vendor}/${task.id}${task.moves ? `.${task.moves}` : ""}.mp4`;
}

/** From now on the result is at another address, or is another file. */
export function change(store: Store, taskId: string | undefined, what: "moves" | "replacements"): void {
  const task = taskId === undefined ? undefined : store.get(taskId);
  if (task) store.put({ ...task, [what]: (task[what] ?? 0) + 1 });
}

const PATH = new RegExp(`^${RESULTS}/([^/]+)/([^/.]+)(?:\\.(\\d+))?\\.mp4$`);

export interface ResultPath {
  vendor: string;
  taskId: string;
  moves: number;
}

export function resultOf(pathname: string): ResultPath | undefined {
  const [, vendor, taskId, moves = 0] = PATH.exec(pathname) ?? [];
  return vendor && taskId ? { vendor, taskId, moves: Number(moves) } : undefined;
}

/** Clips are made when asked for and are the same bytes each time; the last few are kept for players that seek. */
const MAX_KEPT = 8;

export type Results = ReturnType<typeof createResults>;

export function createResults(clock: Pick<OwnClock, "now" | "dateOf">) {
  const kept = new Map<StoredTask, Promise<Served>>();

  const make = async (vendor: Host, task: StoredTask): Promise<Served> => {
    // Another file is a sound one too, and differs from its first bytes on.
    const sound = task.clip.sound !== ((task.replacements ?? 0) % 2 === 1);
    const bytes = await makeVideo(
      { ...task.clip, sound },
      {
        vendor: vendor.name,
        model: task.model,
        taskId: task.id,
        createdAt: clock.dateOf(task.endsAt),
      },
    );
    return { bytes, etag: etagOf(bytes), contentType: "video/mp4", modified: clock.dateOf(task.endsAt) };
  };
  const made = (vendor: Host, task: StoredTask): Promise<Served> => {
    const found = kept.get(task) ?? make(vendor, task);
    kept.delete(task);
    kept.set(task, found);
    found.catch(() => kept.delete(task));
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
    }
    return found;
  };

  return {
    async answer(
      vendor: Host,
      store: Store,
      path: ResultPath,
      request: Request,
      lifeMs = vendor.resultUrlLifeMs,
    ): Promise<Response> {
      const task = store.get(path.taskId);
      const expired = task !== undefined && lifeMs !== undefined && clock.now() >= task.endsAt + lifeMs;
      if (!task || expired || (task.moves ?? 0) !== path.moves || store.state(task) !== "succeeded") return notFound();
      return serve(request, await made(vendor, task));
    },
  };
}
