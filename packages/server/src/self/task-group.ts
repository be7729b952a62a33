import type { Clock } from '@tidewatch/core/clock.ts'
import type { Logger, TaskGroup } from './port.ts'

const firstPauseMs = 1000
const longestPauseMs = 60_000
/** A task that ran this long before it failed begins again with the shortest pause. */
const healthyRunMs = 60_000

export interface TaskGroupOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Told when a task failed that is not to be restarted; app stops the server. */
  readonly onFatal: (name: string, error: unknown) => void
  /** How long disposing waits for tasks after their signal, in ms. */
  readonly stopTimeoutMs?: number
}

export function createTaskGroup(options: TaskGroupOptions): TaskGroup {
  const { clock, logger } = options
  const stop = new AbortController()
  const running = new Map<Promise<void>, string>()
  const start = (name: string, work: () => Promise<void>): void => {
    if (stop.signal.aborted) return
    const promise: Promise<void> = work().finally(() => running.delete(promise))
    running.set(promise, name)
  }
  return {
    run(name, task, { restart = false } = {}) {
      start(name, () =>
        restart ? runAgain(name, task, options, stop.signal) : runOnce(name, task, options, stop.signal),
      )
    },
    every(name, intervalMs, task) {
      start(name, async () => {
        while (await slept(clock, intervalMs, stop.signal)) {
          try {
            await task(stop.signal)
          } catch (error) {
            if (!stop.signal.aborted) logger.warn(`${name} failed and will be tried again`, { error, intervalMs })
          }
        }
      })
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the server stops'))
      const all = Promise.all(running.keys())
      const timeout = new AbortController()
      const late = clock.sleep(options.stopTimeoutMs ?? 5000, { signal: timeout.signal }).then(
        () => [...running.values()],
        () => [],
      )
      const left = await Promise.race([all.then(() => []), late])
      timeout.abort()
      if (left.length > 0) logger.warn('tasks did not stop in time', { tasks: left })
    },
  }
}

async function runOnce(
  name: string,
  task: (signal: AbortSignal) => Promise<void>,
  { logger, onFatal }: TaskGroupOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    await task(signal)
  } catch (error) {
    if (signal.aborted) return
    logger.error(`${name} failed`, { error })
    onFatal(name, error)
  }
}

async function runAgain(
  name: string,
  task: (signal: AbortSignal) => Promise<void>,
  { clock, logger }: TaskGroupOptions,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = firstPauseMs
  while (!signal.aborted) {
    const beganMs = clock.monotonicMs()
    try {
      await task(signal)
      return
    } catch (error) {
      if (signal.aborted) return
      if (clock.monotonicMs() - beganMs >= healthyRunMs) pauseMs = firstPauseMs
      logger.error(`${name} failed and starts again`, { error, pauseMs })
    }
    if (!(await slept(clock, pauseMs, signal))) return
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }
}

/** False where the signal fired first. */
async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, { signal })
    return true
  } catch {
    // the only way sleep fails is by the signal
    return false
  }
}
