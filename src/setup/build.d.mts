export const DIST: string;
export function ensureBuilt(): void;
export function build(): void;
