import { openAsBlob } from "node:fs";
import { createAPIModels, createApixo } from "vidtask";
const image = await openAsBlob("cat.png");
const apixo = createApixo({
  upload: async (file) => (await fetch("https://bucket.example/put", { method: "POST", body: file })).text(),
});
await apixo.generate({ model: "kling-2-6", prompt: "it jumps", image });
await createAPIModels().generate({ model: "kling-v2-6", prompt: "it jumps", image });
