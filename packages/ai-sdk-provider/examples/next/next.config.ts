import type { NextConfig } from "next";

const config: NextConfig = {
  // The folder of this program, whatever lies above it.
  turbopack: { root: import.meta.dirname },
};

export default config;
