export type { Json, JsonObject, TaskRef, Video, RunningTask, SucceededTask, FailedTask, Task } from "./task/task.ts";
export { formatRef } from "./task/task.ts";
export { parseRef } from "./task/parse-ref.ts";
export type { Billed, ErrorCode, Failure, VendorCode } from "./task/failure.ts";
export type { Media } from "./vendor-spec/media.ts";
export type { ModelSpec, ModelSpecs, RequestOf } from "./vendor-spec/models.ts";
export type { VideoRequest } from "./request/request.ts";
export { unlistedModel, type UnlistedRequest } from "./request/unlisted.ts";
export type { Plan } from "./request/plan.ts";
export type { VidtaskEvent, Warning } from "./task/events.ts";
export type { CallbackOptions } from "./context/options.ts";
export type { ApiKey, ClientOptions, Secret } from "./context/options.ts";
export type { VideoClient } from "./client/client.ts";
export type { SubmitOptions } from "./submit/submit-options.ts";
export type { WaitOptions } from "./poll/wait-options.ts";
export type { Balance, Price, Unverified } from "./vendor-spec/readings.ts";
export type { TraceContext } from "./trace.ts";
export type { Clock } from "./time/clock.ts";
export type { Journal, JournalEntry } from "./journal/journal.ts";
export type { JournalState } from "./journal/states.ts";
export { memoryJournal } from "./journal/memory-journal.ts";
export type { OpenVideoOptions } from "./download/video-options.ts";
export { openVideo } from "./client/functions.ts";
export type { CallbackPlatform, Receiver } from "./callback/receiver.ts";
export type { ReceiverOptions } from "./client/functions.ts";
export { createReceiver } from "./client/functions.ts";
export type { CancelOptions } from "./poll/cancel.ts";
export type { ResumeResult } from "./poll/resume.ts";
export type { Stepped, StepOptions } from "./client/step-options.ts";
export { step } from "./client/step.ts";
export type { StatusHandlerOptions, TaskStatusAnswer } from "./client/status-handler.ts";
export { toStatusHandler } from "./client/status-handler.ts";
export type { SettleSubmitOptions } from "./client/settle-options.ts";
export { settleSubmit } from "./client/settle.ts";
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
} from "./task/errors.ts";
export type { Phase } from "./task/errors.ts";
export type { Issue } from "./task/issue.ts";
export type { SlotAnswer, SlotAsk, Slots } from "./limits/shared-slots.ts";
export { memorySlots } from "./limits/memory-slots.ts";
export type { Budget, Reservation } from "./limits/budget.ts";
export { memoryBudget } from "./limits/budget.ts";
export type { BudgetOptions } from "./context/options.ts";
export type { Limits } from "./limits/limiter.ts";
export type { PollOptions } from "./context/options.ts";
export type { Timing } from "./vendor-spec/models.ts";
