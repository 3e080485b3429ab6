export type { Json, JsonObject, TaskRef, Video, RunningTask, SucceededTask, FailedTask, Task } from "./task.ts";
export { formatRef } from "./task.ts";
export { parseRef } from "./parse-ref.ts";
export type { Billed, Code, Failure, VendorCode } from "./failure.ts";
export type { Media, ModelRow, ModelTable, RequestOf, VideoRequest } from "./request.ts";
export type { Plan } from "./plan.ts";
export type { VidtaskEvent, Warning } from "./events.ts";
export type { Callback } from "./callback.ts";
export type { ClientOptions } from "./client-context.ts";
export type { VideoClient } from "./client.ts";
export type { SubmitOptions } from "./submit.ts";
export type { WaitOptions } from "./wait.ts";
export type { Balance, Price } from "./vendor.ts";
export type { Clock } from "./clock.ts";
export type { Journal, JournalEntry, JournalState } from "./journal.ts";
export { memoryJournal } from "./journal.ts";
export type { OpenOptions } from "./download.ts";
export { openVideo } from "./download.ts";
export type { Receiver, ReceiverOptions } from "./receiver.ts";
export { createReceiver } from "./receiver.ts";
export type { Resumed } from "./resume.ts";
export { settle } from "./settle.ts";
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
