// Keeps the embedded engine running: starts its process, waits until it answers, starts it anew when it has died.
import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Logger } from '../self/port.ts'
import type { StoreAddress } from './port.ts'
import { cannotStart, died, startTimedOut } from './supervisor-failure.ts'
import { type EnginePlaces, makePlaces } from './supervisor-places.ts'
import { type EngineExit, type EngineProcess, type EngineSettings, startEngine } from './supervisor-process.ts'

export type EngineState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly pid: number; readonly version: string; readonly startMs: number }
  /** Tried again after `retryInMs`; undefined: never, the reason stays. */
  | { readonly kind: 'down'; readonly reason: AppError; readonly retryInMs: number | undefined }
  | { readonly kind: 'stopped' }

export interface EngineSupervisorOptions extends Partial<EngineSettings> {
  /** Tidewatch's own; the engine lives in `engine/` below it. */
  readonly dataDir: string
  readonly clock: Clock
  readonly logger: Logger
  /** Told each change of state, the first one included. */
  readonly onState?: (state: EngineState) => void
  /** A start that takes longer is ended and tried again. */
  readonly startTimeoutMs?: number
  /** The longest pause between two starts; from 0.1 s it doubles with each end that comes soon after a start. */
  readonly maxRestartDelayMs?: number
}

/** For self metrics; all but the last four only grow. */
export interface EngineCounters {
  readonly starts: number
  /** Ends that nobody had asked for. */
  readonly crashes: number
  /** From the spawn to the first answer, of the last start. */
  readonly lastStartMs: number
  /** The running process. */
  readonly pid: number | undefined
  /** Of the running process; undefined without one or without /proc. */
  readonly residentBytes: number | undefined
  readonly cpuSeconds: number | undefined
}

export interface EngineSupervisor extends AsyncDisposable {
  readonly address: StoreAddress
  readonly state: EngineState
  /**
   * Resolves when the engine answers. Rejects with why it cannot start (`data_dir.locked`, `data_dir.full`, `data_dir.read_only`,
   * `data_dir.damaged`, `store.platform`), with `internal.stopping`, or with the signal's reason. A crash is waited out.
   */
  whenReady(options: { readonly signal: AbortSignal }): Promise<void>
  counters(): EngineCounters
}

const firstDelayMs = 100
/** After so long a life the next end begins with the shortest delay again. */
const soundLifeMs = 2000
/** What an ordered stop may take beyond `stopWaitMs` before it is a kill. */
const stopSlackMs = 1500

/** Makes the directories and starts the engine at once; throws an AppError where the directory cannot be written. */
export function createEngineSupervisor(options: EngineSupervisorOptions): EngineSupervisor {
  return new Supervisor(options, makePlaces(options.dataDir))
}

/** A quarter of the memory, between 1 and 4 GB: the rest is the page cache's, which serves the same data. */
function defaultMemoryBytes(): number {
  return Math.round(Math.min(4e9, Math.max(1e9, totalmem() / 4)))
}

class Supervisor implements EngineSupervisor {
  readonly address: StoreAddress
  readonly #options: EngineSupervisorOptions
  readonly #settings: EngineSettings
  readonly #places: EnginePlaces
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  readonly #watchers = new Set<() => void>()
  #state: EngineState = { kind: 'starting' }
  #process: EngineProcess | undefined
  #starts = 0
  #crashes = 0
  #lastStartMs = 0

  constructor(options: EngineSupervisorOptions, places: EnginePlaces) {
    this.#options = options
    this.#places = places
    this.#settings = {
      database: options.database ?? 'tidewatch',
      // One for each core and one more: what waits for the disk does not need a core.
      sessions: options.sessions ?? Math.min(16, Math.max(3, availableParallelism() + 1)),
      memoryBytes: options.memoryBytes ?? defaultMemoryBytes(),
      lockWaitMs: options.lockWaitMs ?? 15_000,
      stopWaitMs: options.stopWaitMs ?? 2500,
    }
    this.address = { url: 'http://localhost', socketPath: places.socketPath, database: this.#settings.database }
    this.#running = this.#run()
  }

  get state(): EngineState {
    return this.#state
  }

  async whenReady({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const state = this.#state
      if (state.kind === 'ready') return
      if (state.kind === 'stopped') throw new AppError('internal.stopping', 'The engine is being stopped.')
      if (state.kind === 'down' && state.reason.code !== 'store.unavailable') throw state.reason
      await this.#change(signal)
    }
  }

  counters(): EngineCounters {
    const usage = readUsage(this.#process?.pid)
    return {
      starts: this.#starts,
      pid: this.#process?.pid,
      crashes: this.#crashes,
      lastStartMs: this.#lastStartMs,
      ...usage,
    }
  }

  /** Running inserts get their time, then the process ends; it is gone when this resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    this.#process?.stop()
    await this.#running
    // Without a start of ours they may be those of another server on the same directory.
    if (this.#lastStartMs > 0) this.#places.remove()
  }

  async #run(): Promise<void> {
    let delayMs = firstDelayMs
    const { clock, maxRestartDelayMs = 5000 } = this.#options
    while (!this.#stopping.signal.aborted) {
      const startedAtMs = clock.monotonicMs()
      this.#enter({ kind: 'starting' })
      const reason = await this.#live()
      if (this.#stopping.signal.aborted) break
      if (clock.monotonicMs() - startedAtMs >= soundLifeMs) delayMs = firstDelayMs
      const final = reason.code === 'store.platform'
      this.#enter({ kind: 'down', reason, retryInMs: final ? undefined : delayMs })
      await this.#pause(final ? Number.POSITIVE_INFINITY : delayMs)
      delayMs = Math.min(maxRestartDelayMs, delayMs * 2)
    }
    this.#enter({ kind: 'stopped' })
  }

  /** One process from start to end; answers why it ended. */
  async #live(): Promise<AppError> {
    const { clock, logger, startTimeoutMs = 300_000 } = this.#options
    const ended = new AbortController()
    this.#starts++
    let timedOut = false
    let wasReady = false
    const engine = startEngine(this.#places, this.#settings, {
      logger,
      onReady: ({ version, startMs }) => {
        wasReady = true
        this.#lastStartMs = startMs
        this.#enter({ kind: 'ready', pid: engine.pid ?? 0, version, startMs })
      },
    })
    this.#process = engine
    const after = (ms: number, then: () => void): void => {
      // Rejects when the process has ended before, and then there is nothing to do.
      clock.sleep(ms, { signal: ended.signal }).then(then, () => {})
    }
    const onStop = (): void => {
      engine.stop()
      after(this.#settings.stopWaitMs + stopSlackMs, () => engine.kill())
    }
    this.#stopping.signal.addEventListener('abort', onStop, { once: true })
    if (this.#stopping.signal.aborted) onStop()
    after(startTimeoutMs + this.#settings.lockWaitMs, () => {
      timedOut = !wasReady
      if (timedOut) engine.kill()
    })
    const exit = await engine.exit
    ended.abort()
    this.#stopping.signal.removeEventListener('abort', onStop)
    this.#process = undefined
    return this.#reasonOf(exit, timedOut)
  }

  #reasonOf(exit: EngineExit, timedOut: boolean): AppError {
    if (exit.failure !== undefined) return cannotStart(exit, this.#places.dir)
    if (!this.#stopping.signal.aborted) this.#crashes++
    return timedOut ? startTimedOut() : died(exit)
  }

  #enter(state: EngineState): void {
    this.#state = state
    const { logger, onState } = this.#options
    if (state.kind === 'down') logger.error('engine: down', { error: state.reason, retryInMs: state.retryInMs })
    onState?.(state)
    const watchers = [...this.#watchers]
    this.#watchers.clear()
    for (const wake of watchers) wake()
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping
    try {
      if (ms !== Number.POSITIVE_INFINITY) await this.#options.clock.sleep(ms, { signal })
      else if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      }
    } catch {
      // Stopped while it waited; the loop sees that.
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = (): void => {
        this.#watchers.delete(wake)
        reject(signal.reason)
      }
      this.#watchers.add(wake)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}

/** Fields 14 and 15 of /proc/<pid>/stat in ticks of 10 ms, field 24 in pages of 4 KiB (proc_pid_stat(5)). */
function readUsage(pid: number | undefined): Pick<EngineCounters, 'residentBytes' | 'cpuSeconds'> {
  const nothing = { residentBytes: undefined, cpuSeconds: undefined }
  if (pid === undefined) return nothing
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { residentBytes: Number(fields[21]) * 4096, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 }
  } catch {
    // No /proc here, or the process has just gone.
    return nothing
  }
}
