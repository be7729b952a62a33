import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** `*.engine.test.ts` start the real engine, `*.slow.test.ts` take seconds. `quick` is what `npm run test:quick` runs; the others need a built page, counterparts or minutes. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          include: ['packages/**/src/**/*.test.{ts,tsx}', 'tests/house/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'packages/**/*.{engine,slow}.test.ts'],
          testTimeout: 20_000,
          // modules are read once for each processor, not once for each of 255 files: nothing keeps state outside of what a test opens
          isolate: false,
          // all processors: what starts servers of its own takes one of two, but for the counterparts, which mostly wait
          maxWorkers: availableParallelism(),
        },
      },
      {
        test: {
          name: 'counterparts',
          include: ['tests/counterparts/**/*.test.ts', 'packages/**/src/**/*.{engine,slow}.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: availableParallelism(),
        },
      },
      {
        test: { name: 'hostile', include: ['tests/hostile/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        test: { name: 'browser', include: ['tests/browser/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      { test: { name: 'kill', include: ['tests/kill/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 120_000 } },
    ],
  },
})
