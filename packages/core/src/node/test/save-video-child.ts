import { ref } from "../../test/acme.ts";
import { saveVideo } from "../save-video.ts";
import { clientOf } from "./save-video-host.ts";

// A process of save-video-processes.test.ts: saves the video of a host to a path, and says how far it is over IPC.

const [url = "", path = ""] = process.argv.slice(2);
const say = (message: unknown) => process.send?.(message);
try {
  say(await saveVideo(clientOf({ url }), ref, path, { onProgress: (bytes) => void say(bytes) }));
} catch (error) {
  say({ error: String(error) });
}
process.disconnect?.();
