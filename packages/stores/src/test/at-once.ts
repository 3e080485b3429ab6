// How many of the emulator's tasks ran at once: by what it says of each, and so at every change.

/** What the control API tells of a task, of which this needs no more. */
export type Life = { id: string; createdAt: number; endsAt: number | null };

/** Its newest tasks, 2,000 at most. @param url the emulator's server */
export async function livesOf(url: string): Promise<Life[]> {
  const answer = await fetch(`${url}/_emulator/tasks?limit=2000`);
  if (!answer.ok) throw new Error(`the emulator tells no tasks: ${answer.status}`);
  return ((await answer.json()) as { tasks: Life[] }).tasks;
}

/** The most that ran at one moment. One that ends when another begins makes room for it. */
export function mostAtOnce(lives: Iterable<Pick<Life, "createdAt" | "endsAt">>): number {
  const changes: { at: number; by: 1 | -1 }[] = [];
  for (const { createdAt, endsAt } of lives) changes.push({ at: createdAt, by: 1 }, { at: endsAt ?? Infinity, by: -1 });
  let [now, most] = [0, 0];
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (now += by));
  return most;
}
