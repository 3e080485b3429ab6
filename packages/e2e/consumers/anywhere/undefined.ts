// Every optional option takes `undefined`, as `process.env` gives it, also where `exactOptionalPropertyTypes` is set.
import type { DescribeJournalOptions, DescribeVendorOptions } from "@vidtask/core/testing";
import type { Accounts, EmulatorOptions, FaultOptions } from "@vidtask/emulator";
import type {
  AIVideoAPIRequest,
  APIModelsRequest,
  ApixoRequest,
  CallbackOptions,
  RouteOptions,
  ClientOptions,
  createVidtask,
  Journal,
  Limits,
  OpenVideoOptions,
  PollOptions,
  ReceiverOptions,
  SettleSubmitOptions,
  SubmitOptions,
  VideoClient,
  VideoRequest,
  WaitOptions,
} from "vidtask";

/** The optional members that refuse `undefined`. */
type Refusing<O> = O extends object
  ? {
      [K in keyof O]-?: object extends Pick<O, K> ? ({ [P in K]: undefined } extends Pick<O, K> ? never : K) : never;
    }[keyof O]
  : never;
type None<T extends never> = T;

export type Checked = [
  None<Refusing<ClientOptions>>,
  None<Refusing<CallbackOptions>>,
  None<Refusing<PollOptions>>,
  None<Refusing<Limits>>,
  None<Refusing<SubmitOptions>>,
  None<Refusing<WaitOptions>>,
  None<Refusing<ReceiverOptions>>,
  None<Refusing<SettleSubmitOptions>>,
  None<Refusing<OpenVideoOptions>>,
  None<Refusing<RouteOptions>>,
  None<Refusing<Parameters<typeof createVidtask>[0]>>,
  None<Refusing<Parameters<VideoClient["get"]>[1]>>,
  None<Refusing<Parameters<VideoClient["drain"]>[0]>>,
  None<Refusing<Parameters<Journal["list"]>[0]>>,
  None<Refusing<VideoRequest>>,
  None<Refusing<ApixoRequest>>,
  None<Refusing<AIVideoAPIRequest>>,
  None<Refusing<APIModelsRequest>>,
  None<Refusing<DescribeVendorOptions>>,
  None<Refusing<DescribeJournalOptions>>,
  None<Refusing<EmulatorOptions>>,
  None<Refusing<FaultOptions>>,
  None<Refusing<Accounts>>,
];
