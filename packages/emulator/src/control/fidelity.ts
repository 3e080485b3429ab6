export const fidelity: readonly unknown[] = [];
