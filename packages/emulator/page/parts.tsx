// Small pieces that several views share.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { TaskView } from "../src/control/views.ts";
import { now } from "./emulator.ts";
import { span } from "./format.ts";

export const State = ({ state }: { state: string }) => <span class={`state ${state}`}>{state}</span>;

/** Elapsed and expected time. */
export function Elapsed({ task }: { task: TaskView }) {
  const isRunning = task.state === "pending" || task.state === "processing";
  if (!isRunning)
    return <span class="time">{task.endsAt === null ? "" : `took ${span(task.endsAt - task.createdAt)}`}</span>;
  const elapsed = Math.max(0, now.value - task.createdAt);
  if (task.endsAt === null) return <span class="time">{span(elapsed)}, stuck</span>;
  const expected = task.endsAt - task.createdAt;
  return (
    <span class="time">
      <progress value={Math.min(elapsed, expected)} max={expected} aria-label={`Progress of ${task.id}`} />{" "}
      {span(elapsed)} of {span(expected)}
    </span>
  );
}

const STEP = 100;

/** A long list, a piece at a time. */
export function Pieces<Item>({
  items,
  empty,
  children,
}: {
  items: readonly Item[];
  empty: string;
  children: (item: Item) => ComponentChildren;
}) {
  const [shown, setShown] = useState(STEP);
  if (items.length === 0) return <p class="empty">{empty}</p>;
  return (
    <>
      <ol class="rows">{items.slice(0, shown).map(children)}</ol>
      {items.length > shown && (
        <button type="button" class="more" onClick={() => setShown(shown + STEP)}>
          Show more ({items.length - shown} left)
        </button>
      )}
    </>
  );
}
