// Stands in for the packages of this folder's package.json, which the workspace does not install.
declare module "@libsql/client" {
  export function createClient(options: { url: string }): {
    execute(statement: { sql: string; args: (string | number | null)[] }): Promise<{ rows: Record<string, unknown>[] }>;
    close(): void;
  };
}
declare module "miniflare" {
  type Statement = {
    bind(...values: unknown[]): Statement;
    all(): Promise<{ results: Record<string, unknown>[] }>;
  };
  export class Miniflare {
    constructor(options: object);
    getD1Database(name: string): Promise<{ prepare(sql: string): Statement }>;
    getBindings<E>(): Promise<E>; // of the Workflows example
    dispose(): Promise<void>;
  }
}
declare module "redis" {
  export function createClient(options: { url: string }): {
    on(event: "error", listen: (error: Error) => void): void;
    connect(): Promise<unknown>;
    eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
    destroy(): void;
  };
}
