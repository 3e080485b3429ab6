// Loaded before a worker by the suite: kills the process at the n-th script that the store sends to Redis, before it leaves
// or once it is answered. KILL_AT is "17 before" or "17 after".
import { Redis } from "ioredis";

const [n, when] = (process.env["KILL_AT"] ?? "").split(" ");
type Send = (...call: unknown[]) => Promise<unknown>;
const prototype = Redis.prototype as unknown as { eval: Send };
const send = prototype.eval;
let sent = 0;
prototype.eval = async function evalOrDie(this: Redis, ...call: unknown[]) {
  const isLast = ++sent === Number(n);
  if (isLast && when === "before") process.kill(process.pid, "SIGKILL");
  const answer = await send.apply(this, call);
  if (isLast) process.kill(process.pid, "SIGKILL");
  return answer;
};
