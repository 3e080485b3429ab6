// The vendors by name: what is known of them without loading a client.

export const VENDORS = ["apixo", "aivideoapi", "apimodels"] as const;
export type Vendor = (typeof VENDORS)[number];

export const isVendor = (name: unknown): name is Vendor => (VENDORS as readonly unknown[]).includes(name);

/** The environment variable of a vendor's key. */
export const keyEnv = (vendor: string): string => `${vendor.toUpperCase()}_API_KEY`;

/** An object with members, as JSON has it. */
export const isKeyed = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
