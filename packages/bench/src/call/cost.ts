// What one life costs this process: CPU and memory, over many.
import { getHeapStatistics } from "node:v8";

export type Cost = {
  /** Milliseconds of CPU. */
  readonly cpu: number;
  /** kB */
  readonly allocated: number;
};

const WARM_UP = 40;

export async function costOf(life: () => Promise<unknown>, rounds: number): Promise<Cost> {
  for (let round = 0; round < WARM_UP; round++) await life();
  // The heap grows by what is allocated; a life during which it is collected tells nothing.
  let [allocated, told, last] = [0, 0, getHeapStatistics().used_heap_size];
  const began = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    await life();
    const now = getHeapStatistics().used_heap_size;
    if (now > last) {
      allocated += now - last;
      told++;
    }
    last = now;
  }
  const { user, system } = process.cpuUsage(began);
  return { cpu: (user + system) / 1000 / rounds, allocated: allocated / 1024 / told };
}
