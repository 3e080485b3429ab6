import { expect, test } from "vitest";
import { createFiles } from "./uploads.ts";

test("the oldest files go when all together are too large, the last never", () => {
  const files = createFiles();
  const put = (path: string, size: number) =>
    files.put(path, {
      contentType: "image/png",
      writableUntil: 0,
      content: { bytes: new Uint8Array(size), storedAt: 0 },
    });
  const kept = () => ["a", "b", "c"].filter((path) => files.get(path));
  put("a", 2 ** 27);
  put("b", 2 ** 27);
  put("b", 2 ** 27); // again, instead of itself
  expect(kept()).toEqual(["a", "b"]);
  put("c", 1);
  expect(kept()).toEqual(["b", "c"]);
  put("a", 2 ** 28);
  expect(kept()).toEqual(["a"]);
  files.reset();
  expect(kept()).toEqual([]);
});
