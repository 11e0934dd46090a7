import { defineConfig } from 'vitest/config';

// Cross-origin isolation gives WASM its threads and cancel its shared flag.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** The viewer as one script and one style sheet, for files that live without a server. */
const standalone = {
  outDir: 'dist/standalone', emptyOutDir: true, copyPublicDir: false, cssCodeSplit: false,
  lib: { entry: 'src/ui/embed/main.ts', formats: ['iife' as const], name: 'foursight', fileName: () => 'standalone.js', cssFileName: 'standalone' },
};

export default defineConfig(({ mode }) => ({
  server: { headers },
  preview: { headers },
  // ES workers, because they import their runtime lazily.
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 1500,
    ...(mode === 'standalone' ? standalone : {
      // The second page is the command line's door into the app, the third one the viewer for other people's pages.
      rolldownOptions: { input: ['index.html', 'src/cli/page.html', 'embed.html'] },
    }),
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
