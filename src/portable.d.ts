// What portable code may use beyond ES2023: present in every browser, in workers and in Node.
declare class TextEncoder { encode(text: string): Uint8Array<ArrayBuffer>; }
declare class TextDecoder { constructor(label?: string, options?: { fatal?: boolean }); decode(bytes: Uint8Array): string; }
declare function structuredClone<T>(value: T): T;
declare const performance: { now(): number };
