// What Acme (invented) sends, as far as vidtask reads it. Unknown members are ignored; absent and null are the same.
import { lenient, taskId, wordOf } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";

/** The answer to a submit; of a callback, too, only the task's id is read. */
export const accepted = z.object({ id: taskId });

/** Only the state has to be readable: a paid video may hang on it. */
export const status = z.object({
  status: wordOf(["queued", "running", "done", "error"]),
  url: lenient(z.string()),
  code: lenient(z.string()),
  error: lenient(z.string()),
});

export const refused = z.object({ error: lenient(z.string()) });
