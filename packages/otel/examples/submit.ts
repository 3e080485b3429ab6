// The first process: it pays, and ends.
import { apimodels, journal } from "./client.ts";
import { startTelemetry } from "./telemetry.ts";

const telemetry = await startTelemetry({});
await apimodels.submit({ model: "kling-v2-6", prompt: "a waterfall", duration: 5 }, { idempotencyKey: "row-17" });
await telemetry.stop();
journal.close();
