// The AI SDK's durable `generateVideo`: the model crosses from the workflow to its steps by name, never with a key.
import { experimental_generateVideo as generateVideo } from "@ai-sdk/workflow/video";
import { apixo } from "@vidtask/ai-sdk-provider/apixo";

export async function generate(prompt: string) {
  "use workflow";
  return generateVideo({ model: apixo.video("kling-2-6"), prompt });
}
