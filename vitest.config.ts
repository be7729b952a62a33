import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/longest-first.ts'

/**
 * What starts servers, engines and browsers: every part may run beside every other, each takes its own ports and directories. One more at a time than
 * there are processors, for each waits now and then. The limits of time are there to end what hangs: on a busy machine a test may take five times as long.
 */
const slow = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  maxWorkers: availableParallelism() + 1,
  sequence: { groupOrder: 1 },
  expect: { poll: { timeout: 60_000 } },
}

/** `*.engine.test.ts` start the real engine, `*.slow.test.ts` take seconds. `quick` is what `npm run test:quick` runs; the others need a built page, counterparts or minutes. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'quick',
          include: ['packages/**/src/**/*.test.{ts,tsx}', 'tests/house/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'packages/**/*.{engine,slow}.test.ts'],
          testTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          // modules are read once for each processor, not once for each of 255 files: nothing keeps state outside of what a test opens
          isolate: false,
          maxWorkers: availableParallelism(),
        },
      },
      {
        test: {
          ...slow,
          name: 'counterparts',
          include: ['tests/counterparts/**/*.test.ts', 'packages/**/src/**/*.{engine,slow}.test.ts'],
        },
      },
      { test: { ...slow, name: 'hostile', include: ['tests/hostile/**/*.test.ts'] } },
      { test: { ...slow, name: 'browser', include: ['tests/browser/**/*.test.ts'] } },
      { test: { ...slow, name: 'kill', include: ['tests/kill/**/*.test.ts'], testTimeout: 900_000 } },
    ],
  },
})
