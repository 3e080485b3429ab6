// The process of a part in which `fetch` is replaced: no other part may find it so.
import type { CrowdedOptions, CrowdedSaid } from "./crowded.ts";
import { chaosOfSubmits } from "./submits.ts";

const options = JSON.parse(process.argv[2] ?? "") as CrowdedOptions;
const tell = (said: CrowdedSaid) => void process.send?.(said);
const report = await chaosOfSubmits({ ...options, over: "sockets", isCrowded: true, say: (text) => tell({ text }) });
process.send?.({ report } satisfies CrowdedSaid, () => process.exit());
