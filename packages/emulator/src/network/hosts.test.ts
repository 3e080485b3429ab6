import { expect, test } from "vitest";
import { addressList, isLoopback, isPublic, listed } from "./hosts.ts";

test("hosts are told apart by their text", () => {
  for (const host of ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "LOCALHOST."]) {
    expect(isLoopback(host), `${host}`).toBe(true);
    expect(isPublic(host), `${host}`).toBe(false);
  }
  for (const host of ["app.test", "example.com.", "8.8.8.8", "[2606:4700::1111]"]) {
    expect(isLoopback(host), `${host}`).toBe(false);
    expect(isPublic(host), `${host}`).toBe(true);
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
    expect(isLoopback(host), `${host}`).toBe(false);
    expect(isPublic(host), `${host}`).toBe(false);
  }
});

test("a list of addresses and ranges holds what is in them, and takes nothing else", () => {
  const list = addressList(["192.0.2.1", "10.0.0.0/8", "2001:db8::/32"]);
  const found = ["192.0.2.1", "192.0.2.2", "10.9.8.7", "11.0.0.1", "2001:db8::1", "2001:db9::1"].map(
    (address) => list && listed(list, address),
  );
  expect(found).toEqual([true, false, true, false, true, false]);
  for (const entry of ["localhost", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", ""])
    expect(addressList([entry])).toBeUndefined();
});
