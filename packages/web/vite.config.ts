import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { firstLoadBudget } from './build/first-load-budget.ts'
import { precompress } from './build/precompress.ts'
import { preloadFont } from './build/preload-font.ts'

/** `npm run build` writes dist/; `vite packages/web` develops against a server on 4900 (or TIDEWATCH_DEV_SERVER). */
const server = process.env.TIDEWATCH_DEV_SERVER ?? 'http://127.0.0.1:4900'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    react(),
    preloadFont(/ibm-plex-sans-latin-wght-normal/),
    precompress(),
    firstLoadBudget({ maxBytes: 300_000 }),
  ],
  server: { proxy: { '/api': { target: server, changeOrigin: true } } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // small chunks would cost a round trip each; the budget below watches the first load
    modulePreload: { polyfill: false },
  },
})
