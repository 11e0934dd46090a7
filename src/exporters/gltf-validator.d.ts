// The Khronos validator brings no types; this is what the tests use.
declare module 'gltf-validator' {
  export function validateBytes(bytes: Uint8Array): Promise<{ issues: { messages: { code: string; message: string; severity: number }[] }; info: { extensionsUsed?: string[] } }>;
}
