import { describe, expect, test } from "vitest";
import { createEmulator } from "./emulator.ts";
import { setState } from "./given-state.ts";
import { apixoOf, textToVideo, urlOf } from "./test/helpers.ts";

describe("plant", () => {
  const at = { createTime: 1_767_965_610_929, completeTime: 1_767_965_652_317 };
  const given = async (task: object) => {
    const emulator = createEmulator({ clock: "manual" });
    setState(emulator, {
      vendor: "apixo",
      task: { taskId: "task_12345678", model: "kling-2-6", state: "success", ...task },
    });
    await emulator.clock.advance(3_600_000); // and it stays as it is
    return { emulator, answer: await apixoOf(emulator).status("task_12345678") };
  };

  test("a success looks as documented", async () => {
    const { answer } = await given({ ...at, resultUrl: "https://r2.apixo.ai/video.mp4" });
    expect(answer.body).toEqual({
      code: 200,
      message: "success",
      data: {
        taskId: "task_12345678",
        state: "success",
        resultJson: '{"resultUrls":["https://r2.apixo.ai/video.mp4"]}',
        ...at,
        costTime: 41_388,
      },
    });
  });

  test("a success without a URL has the emulator's own result", async () => {
    const { emulator, answer } = await given({});
    expect(answer.body.data["costTime"]).toBe(60_000);
    const file = await emulator.fetch(urlOf(answer));
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
  });

  test("a failure looks as documented, and may lack its code and message", async () => {
    const words = { failCode: "CONTENT_VIOLATION", failMsg: "Content does not meet safety guidelines" };
    const data = { taskId: "task_12345678", state: "failed" };
    expect((await given({ state: "failed", ...words })).answer.body.data).toEqual({ ...data, ...words });
    expect((await given({ state: "failed" })).answer.body.data).toEqual(data);
  });

  test("a running task stays so", async () => {
    for (const state of ["pending", "processing"]) {
      const { answer } = await given({ state, createTime: at.createTime });
      expect(answer.body.data).toEqual({ taskId: "task_12345678", state, createTime: at.createTime });
    }
  });

  test("an account can be without credits, or at its rate limit", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const { balance, submit } = apixoOf(emulator);
    setState(emulator, { vendor: "apixo", credits: 0 });
    expect((await submit(textToVideo)).body.message).toBe("Insufficient credits");
    setState(emulator, { vendor: "apixo", credits: 74.87, rateLimited: true });
    expect((await submit(textToVideo)).status).toBe(429);
    setState(emulator, { vendor: "apixo", rateLimited: false });
    expect((await balance()).body.data).toBe(74.87);
  });

  test("refuses a state or an emulator that it does not know", () => {
    const emulator = createEmulator();
    const task = { taskId: "a", model: "kling-2-6", state: "completed" };
    expect(() => setState(emulator, { vendor: "apixo", task })).toThrow(
      /"completed"; use one of pending, processing, success, failed/,
    );
    expect(() => setState({ ...emulator }, { vendor: "apixo" })).toThrow(/what createEmulator returned/);
  });
});
