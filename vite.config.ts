import { defineConfig } from 'vitest/config';

// Cross-origin isolation gives WASM its threads and cancel its shared flag.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  server: { headers },
  preview: { headers },
  // ES workers, because they import their runtime lazily.
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 1500,
    // The second page is the command line's door into the app.
    rolldownOptions: { input: ['index.html', 'src/cli/page.html'] },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
