import { createApixo, createReceiver, formatRef } from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
declare function test(name: string, fn: () => Promise<void>): void;
declare function expect(v: unknown): { toBe(x: unknown): void; toEqual(x: unknown): void };
const seen: string[] = [];
const emulator = createEmulator({ clock: "manual", deliverCallback: (r) => receiver.fetch(r) });
const apixo = createApixo({
  ...emulator.for("apixo"),
  callback: { url: "https://app.test/cb", secret: "0123456789abcdef0123456789abcdef" },
});
const receiver = createReceiver({
  clients: [apixo],
  onTask: (t, { idempotencyKey: key }) => void seen.push(`${key} ${formatRef(t)}`),
});
test("a video costs one charge even when the answer is lost", async () => {
  emulator.reset();
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  await apixo.submit({ model: "kling-2-6", prompt: "x" }, { idempotencyKey: "a" }).catch(() => {});
  await emulator.clock.advance(120_000); // the callback reconciles
  expect(emulator.ledger.length).toBe(1);
  const done = await emulator.clock.until(apixo.generate({ model: "kling-2-6", prompt: "x" }, { idempotencyKey: "b" }));
  expect(done.state).toBe("succeeded");
});
