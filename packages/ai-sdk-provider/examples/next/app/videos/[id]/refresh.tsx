"use client";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Asks the server again every two seconds; the server asks the vendor. */
export function Refresh() {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), 2_000);
    return () => clearInterval(timer);
  }, [router]);
  return null;
}
