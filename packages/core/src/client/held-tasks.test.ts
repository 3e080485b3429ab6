import { describe, expect, test } from "vitest";
import type { Task } from "../task/task.ts";
import { acmeClient, done, ref, running } from "../test/acme.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { heldTasks } from "./held-tasks.ts";

const held = (options: { poll?: { interval: number } } = {}) => {
  const clock = jumpClock();
  const { client } = acmeClient([running, done], { clock, ...options });
  const nextPollAt = new Date(clock.now() + 20_000).toISOString();
  const task: Task = { ...ref, state: "processing", nextPollAt };
  return { clock, client, tasks: heldTasks(client), task };
};

describe("a task that runs", () => {
  test("is known until its next poll, to all who ask with its client", async () => {
    const { clock, client, tasks, task } = held();
    expect(tasks.known(ref)).toBeUndefined();
    tasks.hold(task);
    await clock.sleep(19_999);
    expect(heldTasks(client).known(ref)).toBe(task);
    expect(tasks.known({ ...ref, id: "t2" })).toBeUndefined();
    expect(held().tasks.known(ref)).toBeUndefined(); // another client's
    await clock.sleep(1);
    expect(tasks.known(ref)).toBeUndefined();
  });

  test("is known for the client's interval, where that is shorter", async () => {
    const { clock, tasks, task } = held({ poll: { interval: 3_000 } });
    tasks.hold(task);
    await clock.sleep(2_999);
    expect(tasks.known(ref)).toBe(task);
    await clock.sleep(1);
    expect(tasks.known(ref)).toBeUndefined();
  });

  test.each([-3_600_000, 3_600_000])("is known for no longer when the wall clock is moved by %i ms", async (moved) => {
    const clock = jumpClock();
    let offset = 0;
    const { client } = acmeClient([running], { clock: { ...clock, now: () => clock.now() + offset } });
    const task = await client.get({ ...ref, submittedAt: new Date(clock.now()).toISOString() });
    const tasks = heldTasks(client);
    tasks.hold(task);
    expect(tasks.known(ref)).toBe(task);
    offset = moved;
    await clock.sleep(7_000);
    expect(tasks.known(ref)).toBeUndefined();
  });

  test("is known to have ended when another call has seen it, and 10 s later is asked for again", async () => {
    const { clock, client, tasks, task } = held();
    tasks.hold(task);
    await client.get(ref); // it runs on
    expect(tasks.known(ref)).toBe(task);
    const end = await client.get(ref);
    expect(tasks.known(ref)).toEqual(end);
    await clock.sleep(9_999);
    expect(tasks.known(ref)).toEqual(end);
    await clock.sleep(1);
    expect(tasks.known(ref)).toBeUndefined();
  });

  test("is asked for again 10 s after its end was seen, also where nobody has asked meanwhile: its URL may be dead", async () => {
    const { clock, client, tasks, task } = held();
    tasks.hold(task);
    await client.wait(ref);
    await clock.sleep(10_000);
    expect(tasks.known(ref)).toBeUndefined();
  });
});

test("a thousand are held, and the oldest is forgotten for the next", () => {
  const { tasks, task } = held();
  for (let id = 0; id <= 1_000; id++) tasks.hold({ ...task, id: `t${id}` });
  expect(["t0", "t1", "t1000"].map((id) => tasks.known({ ...ref, id })?.id)).toEqual([undefined, "t1", "t1000"]);
});
