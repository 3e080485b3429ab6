// Metrics for the dashboard: `node grafana.ts`, until Ctrl-C. Videos from the emulator, so it costs nothing; some fail, and some
// are in doubt. `/metrics` is on PORT, 9464 where none is given: Prometheus reads it, dashboard.json is imported into Grafana.
import { createAPIModels, VidtaskError, type VideoClient, type VideoRequest } from "@vidtask/apimodels";
import { createApixo } from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import { startTelemetry } from "./telemetry.ts";

/** In the emulator ten minutes pass in a second. */
const SPEED = 600;
/** Words in a prompt let the emulator's tasks fail, and its answers be lost. */
const PROMPTS = [
  "a waterfall",
  "a lighthouse",
  "a lighthouse in fog [poll:503]",
  "a battle [fail:CONTENT_VIOLATION]",
  "a comet [fault:reset-after-accept]",
];

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopping.abort());
const emulator = createEmulator({ clock: { speed: SPEED }, credits: 1_000_000 });
const telemetry = await startTelemetry({ port: Number(process.env["PORT"] ?? 9464), print: () => {} });
console.log(telemetry.metricsUrl);

const apimodels: VideoClient = createAPIModels(emulator.for("apimodels"));
const apixo: VideoClient = createApixo(emulator.for("apixo"));
const make = (client: VideoClient, request: VideoRequest) =>
  client.generate(request, { signal: stopping.signal }).catch((error: unknown) => {
    if (!VidtaskError.isInstance(error)) throw error; // the others are in the metrics
  });
while (!stopping.signal.aborted)
  for (const prompt of PROMPTS)
    await Promise.all([
      make(apimodels, { model: "kling-v2-6", prompt, duration: 5 }),
      make(apixo, { model: "kling-2-6", prompt }),
    ]);
await telemetry.stop();
