import { expect, test } from "vitest";
import { isLoopback, isPublic } from "./hosts.ts";

test("hosts are told apart by their text", () => {
  for (const host of ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "LOCALHOST."]) {
    expect([host, isLoopback(host), isPublic(host)]).toEqual([host, true, false]);
  }
  for (const host of ["app.test", "example.com.", "8.8.8.8", "[2606:4700::1111]"]) {
    expect([host, isLoopback(host), isPublic(host)]).toEqual([host, false, true]);
  }
  for (const host of [
    "nas",
    "nas.local",
    "db.internal",
    "10.1.1.1",
    "192.168.0.9",
    "[fd00::1]",
    "[::ffff:10.0.0.1]",
    "0.0.0.0",
  ]) {
    expect([host, isLoopback(host), isPublic(host)]).toEqual([host, false, false]);
  }
});
