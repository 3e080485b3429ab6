// A model crosses to another process by name; keys never do.
import { createApixo } from "@vidtask/apixo";
import { describe, expect, test, vi } from "vitest";
import { apixo, ApixoVideoModel, createApixoProvider } from "./apixo.ts";
import { createVidtaskProvider, VidtaskVideoModel } from "./index.ts";

const SERIALIZE = Symbol.for("workflow-serialize");
const DESERIALIZE = Symbol.for("workflow-deserialize");
type Serde = { [name: symbol]: (value: unknown) => unknown };

const cross = (model: VidtaskVideoModel): { text: string; model: VidtaskVideoModel } => {
  const kind = model.constructor as unknown as Serde;
  const text = JSON.stringify(kind[SERIALIZE]?.(model));
  return { text, model: kind[DESERIALIZE]?.(JSON.parse(text)) as VidtaskVideoModel };
};

describe("a model that crossed", () => {
  test("is over the provider of the same name in that process", () => {
    const apiKey = "key-0123456789";
    const { video } = createVidtaskProvider({ client: createApixo({ apiKey }), name: "mine" });
    const { text, model } = cross(video("kling-2-6"));
    expect(JSON.parse(text)).toEqual({ provider: "mine", modelId: "kling-2-6" });
    expect(text).not.toContain(apiKey);
    expect(model).toBeInstanceOf(VidtaskVideoModel);
    expect(model).toMatchObject({ provider: "apixo.video", modelId: "kling-2-6" });
  });

  test("of a ready provider, is made of the environment where the process made none", () => {
    vi.stubEnv("APIXO_API_KEY", "key-0123456789");
    const { text, model } = cross(apixo.video("kling-2-6"));
    expect(text).not.toContain("key-0123456789");
    expect(model).toBeInstanceOf(ApixoVideoModel);
    vi.unstubAllEnvs();
  });

  test("of a provider with options, has those of that process", () => {
    const { text, model } = cross(createApixoProvider({ apiKey: "key-0123456789" }).video("kling-2-5-turbo-pro"));
    expect(text).not.toContain("key-0123456789");
    expect(model).toMatchObject({ modelId: "kling-2-5-turbo-pro" });
  });

  test("is refused where no such provider was made, with the remedy", () => {
    const { [DESERIALIZE]: deserialize } = VidtaskVideoModel as unknown as Serde;
    expect(() => deserialize?.({ provider: "elsewhere", modelId: "kling-2-6" })).toThrow(
      /provider: must be .*import the module that calls createVidtaskProvider.*"elsewhere"/,
    );
  });
});
