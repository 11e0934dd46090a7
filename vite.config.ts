import { defineConfig } from 'vitest/config';

// Cross-origin isolation gives WASM its threads and cancel its shared flag.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** The viewer as one script and one style sheet, for files that live without a server. */
const standalone = {
  outDir: 'dist/standalone', emptyOutDir: true, copyPublicDir: false, cssCodeSplit: false,
  lib: { entry: 'src/ui/embed/main.ts', formats: ['iife' as const], name: 'foursight', fileName: () => 'standalone.js', cssFileName: 'standalone' },
};

/** gltf-transform brings a reader for Node too, which no page ever calls. */
const isHarmless = (message: string): boolean => /externalized for browser compatibility.*@gltf-transform/.test(message);

export default defineConfig(({ mode }) => ({
  server: { headers },
  preview: { headers },
  // ES workers, because they import their runtime lazily.
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      checks: { pluginTimings: false },
      // The second page is the command line's door into the app, the third one the viewer for other people's pages.
      ...(mode === 'standalone' ? {} : { input: ['index.html', 'src/cli/page.html', 'embed.html'] }),
      onLog: (level, log, show) => { if (!isHarmless(log.message)) show(level, log); },
    },
    ...(mode === 'standalone' ? standalone : {}),
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node', maxWorkers: '100%' },
}));
