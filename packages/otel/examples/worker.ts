// The second process, later: it waits for all that is open in the journal, and saves the videos into `FOLDER`.
import { join } from "node:path";
import { saveVideo } from "@vidtask/apimodels/node";
import { apimodels, journal } from "./client.ts";
import { startTelemetry } from "./telemetry.ts";

const { FOLDER = "." } = process.env;
const telemetry = await startTelemetry({});
for await (const found of apimodels.resume())
  if ("task" in found && found.task.state === "succeeded")
    await saveVideo(apimodels, found.task, join(FOLDER, `${found.idempotencyKey}.mp4`));
await telemetry.stop();
journal.close();
