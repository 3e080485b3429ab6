// `pnpm --filter @vidtask/cli bench`: how long short commands take, as packed, against an empty program. Interleaved, so that a
// busy machine is busy for all.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packedProject, scratchFolder } from "../../../../.ci/pack.ts";

const ROUNDS = 41;
/** Issue 16: no more than this many times an empty program. */
const MOST = 3;

process.stderr.write("building and packing …\n");
const { folder } = await packedProject();
const PROGRAM = join(folder, "node_modules/@vidtask/cli/dist/vidtask.js");
const cache = scratchFolder("start");
const env = { ...process.env, NODE_COMPILE_CACHE: cache, NO_COLOR: "1" };
const cases = [
  { name: "node -e 0", args: ["-e", "0"] },
  { name: "vidtask --help", args: [PROGRAM, "--help"] },
  { name: "vidtask models", args: [PROGRAM, "models"] },
].map((one) => ({ ...one, times: [] as number[] }));
for (let round = -1; round < ROUNDS; round++)
  for (const { args, times } of cases) {
    const started = performance.now();
    const { status } = spawnSync(process.execPath, args, { env, stdio: "ignore" });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
    if (round >= 0) times.push(performance.now() - started); // the first fills the cache
  }

const medianOf = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
const [empty = 1] = cases.map(({ times }) => medianOf(times));
for (const { name, times } of cases) {
  const median = medianOf(times);
  process.stdout.write(
    `${name.padEnd(16)} ${median.toFixed(1).padStart(6)} ms  ${(median / empty).toFixed(2)} times an empty program\n`,
  );
  if (median > MOST * empty) process.exitCode = 1;
}
