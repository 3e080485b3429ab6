// A user's program, with nothing but an environment: makes a video, saves it, and prints how long that took.
import { createApixo } from "vidtask";
import { saveVideo } from "vidtask/node";

const began = performance.now();
const apixo = createApixo();
const done = await apixo.generate({ model: "kling-2-6", prompt: "a waterfall", duration: 5, sound: true });
const { bytes } = await saveVideo(apixo, done, process.argv[2] ?? "video.mp4");
console.log(
  JSON.stringify({ ms: Math.round(performance.now() - began), bytes, took: done.completedAt, made: done.createdAt }),
);
