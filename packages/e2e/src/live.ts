// `npm run contracts:live`: do the vendors still do what the contracts say? Asked of them, as far as it costs nothing.
import { endCleanly } from "@vidtask/bench/progress";
import { live } from "./live/command.ts";

endCleanly();
process.exitCode = await live(process.argv.slice(2), { env: process.env, say: (text) => console.log(text) });
