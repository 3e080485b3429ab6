export type { Json, JsonObject, TaskRef, Video, RunningTask, SucceededTask, FailedTask, Task } from "./task/task.ts";
export { formatRef } from "./task/task.ts";
export { parseRef } from "./task/parse-ref.ts";
export type { Billed, Code, Failure, VendorCode } from "./task/failure.ts";
export type { Media, ModelRow, ModelTable, RequestOf, VideoRequest } from "./request/request.ts";
export type { Plan } from "./request/plan.ts";
export type { VidtaskEvent, Warning } from "./events.ts";
export type { Callback } from "./callback/callback.ts";
export type { ClientOptions } from "./client-context.ts";
export type { VideoClient } from "./client.ts";
export type { SubmitOptions } from "./submit/submit.ts";
export type { WaitOptions } from "./wait/wait.ts";
export type { Balance, Price } from "./vendor.ts";
export type { Clock } from "./clock.ts";
export type { Journal, JournalEntry, JournalState } from "./journal/journal.ts";
export { memoryJournal } from "./journal/journal.ts";
export type { OpenOptions } from "./download/download.ts";
export { openVideo } from "./download/download.ts";
export type { Receiver, ReceiverOptions } from "./callback/receiver.ts";
export { createReceiver } from "./callback/receiver.ts";
export type { Resumed } from "./wait/resume.ts";
export type { SettleOptions } from "./journal/settle.ts";
export { settle } from "./journal/settle.ts";
export {
  AbortedError,
  ConnectionError,
  DownloadError,
  InvalidRequestError,
  JournalError,
  ProtocolError,
  SubmitUnknownError,
  TaskFailedError,
  VendorError,
  VidtaskError,
  WaitTimeoutError,
} from "./errors.ts";
export type { Issue, Phase } from "./errors.ts";
export type { Limits } from "./limits/gate.ts";
export type { Poll } from "./wait/schedule.ts";
export type { Timing } from "./wait/checking.ts";
