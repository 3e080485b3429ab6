/** Whether money was taken for a submit, as far as that is known. */
export type Billed = "no" | "yes" | "unknown";

/**
 * What a vendor can say is wrong, in one vocabulary for all vendors. `insufficient_credits`: the account is short;
 * `spend_limit`: a cap of the key's own, which waiting does not lift; `invalid_media`: a picture or video it cannot use;
 * `content_rejected`: against its content rules; `cancelled`: the task was stopped, by a call or in the vendor's dashboard; `upstream`: the service behind the vendor; `unknown`: a word no page lists.
 */
export type VendorCode =
  | "unauthorized"
  | "forbidden"
  | "insufficient_credits"
  | "spend_limit"
  | "invalid_request"
  | "invalid_media"
  | "content_rejected"
  | "not_found"
  | "rate_limited"
  | "cancelled"
  | "timeout"
  | "upstream"
  | "internal"
  | "unknown";

/** `VendorCode`, and what vidtask itself can say. */
export type ErrorCode =
  | VendorCode
  | "submit_unknown"
  | "wait_timeout"
  | "aborted"
  | "protocol"
  | "connection"
  | "journal"
  | "download";

/** Why a task failed. */
export type Failure = {
  code: VendorCode;
  /** The vendor's own word, where it has one. */
  vendorCode?: string;
  /** The vendor's own sentence, shortened. */
  message: string;
  /** `"no"` where the vendor says that failed tasks cost nothing, `"unknown"` where it says nothing. */
  billed: Billed;
};

const CODE_OF_STATUS: { readonly [status: number]: VendorCode } = {
  400: "invalid_request",
  401: "unauthorized",
  402: "insufficient_credits",
  403: "forbidden",
  404: "not_found",
  408: "timeout",
  422: "invalid_request",
  429: "rate_limited",
  500: "internal",
  502: "upstream",
  503: "upstream",
  504: "timeout",
};

/** The canonical code an HTTP status stands for when nothing more precise is known. */
export const codeOfStatus = (status: number): VendorCode => CODE_OF_STATUS[status] ?? "unknown";
