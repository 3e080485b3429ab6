// The plan of a submit: its request, its own options and the client's, checked together.
import { planCallback } from "../callback/option.ts";
import type { ClientSettings } from "../context/settings.ts";
import { isReachableHost } from "../http/public-hosts.ts";
import { urlWithout } from "../redact/url.ts";
import { schemaOf } from "../request/canonical.ts";
import { planRequest, type Plan } from "../request/plan.ts";
import type { VideoRequest } from "../request/request.ts";
import { issue, type Issue } from "../task/issue.ts";
import { mapMedia } from "../vendor-spec/media-fields.ts";
import { wayFor } from "./file-way.ts";
import type { CheckedSubmit } from "./submit-options.ts";

/** @throws InvalidRequestError with everything that is wrong with a canonical request and these options */
export function planSubmit(
  settings: ClientSettings,
  request: VideoRequest,
  { options, issues }: CheckedSubmit = { options: {}, issues: [] },
): Plan<VideoRequest> {
  const { issues: ofCallback, ...planned } = planCallback(settings, options);
  return planRequest(settings.adapter, request, {
    urlOf: (call) => urlWithout(settings.secrets(), settings.urlOf(call)),
    wayOf: wayFor(settings),
    prices: settings.options.prices,
    maxPrice: options.maxPrice,
    ...planned,
    issues: [...issues, ...ofCallback, ...unreachable(settings, request)],
  });
}

/** Media where only this machine or this network finds them: a vendor takes the submit, and then fails. */
function unreachable(settings: ClientSettings, request: VideoRequest): Issue[] {
  const schema = schemaOf(settings.adapter.models, request);
  const isHidden = (url: unknown) =>
    typeof url === "string" && URL.canParse(url) && !isReachableHost(new URL(url).hostname);
  const hidden: string[] = [];
  if (schema)
    mapMedia(schema, request, (media, path) => {
      if (isHidden(media)) hidden.push(path);
      return media;
    });
  // A vendor that is in a private network itself, an emulator say, finds what is there.
  if (hidden.length === 0 || isHidden(settings.baseUrl())) return [];
  const rule = "a URL that the vendor can reach, not one of this machine or a private network; a file can be uploaded";
  return hidden.map((path) => issue(path, rule));
}
