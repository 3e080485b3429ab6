// Stands in for other people's packages, so that the programs beside it compile without them.
declare module "bullmq" {
  export class DelayedError extends Error {}
  export class UnrecoverableError extends Error {}
  export interface Job<T = unknown> {
    id: string;
    data: T;
    moveToDelayed(at: number, token?: string): Promise<void>;
    updateData(data: T): Promise<void>;
  }
  export class Worker<T = unknown> {
    constructor(name: string, run: (job: Job<T>, token?: string) => Promise<unknown>, options?: object);
  }
}
