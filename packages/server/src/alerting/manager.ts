// All rule groups: starts and stops their runners as the configuration changes.
import { AppError } from '@tidewatch/core/error.ts'
import { GroupRunner, type RuleEnvironment } from './group-runner.ts'
import type { RuleGroup } from './rule-file.ts'

interface Running {
  readonly runner: GroupRunner
  readonly abort: AbortController
  readonly done: Promise<void>
}

export interface RuleManagerOptions {
  readonly onFailure: (group: RuleGroup, error: AppError) => void
}

/** Owns the runners. `apply` may be called again and again; unchanged rules keep their state. */
export class RuleManager implements AsyncDisposable {
  readonly #options: RuleManagerOptions
  readonly #running = new Map<string, Running>()

  constructor(options: RuleManagerOptions) {
    this.#options = options
  }

  get groups(): readonly GroupRunner[] {
    return [...this.#running.values()].map(({ runner }) => runner)
  }

  /** The groups in force from now on. */
  async apply(groups: readonly RuleGroup[], environment: RuleEnvironment): Promise<void> {
    const former = new Map(this.#running)
    await this.stop()
    for (const group of groups) {
      const runner = new GroupRunner(group, environment)
      const key = groupKey(group)
      const known = former.get(key)
      if (known !== undefined) {
        runner.adopt(known.runner)
        await known.runner.retire(runner)
        former.delete(key)
      }
      this.#start(key, runner)
    }
    for (const { runner } of former.values()) await runner.retire(undefined)
  }

  #start(key: string, runner: GroupRunner): void {
    const abort = new AbortController()
    const done = runner.run(abort.signal).catch((error: unknown) => {
      if (!abort.signal.aborted) this.#options.onFailure(runner.group, AppError.from(error))
    })
    this.#running.set(key, { runner, abort, done })
  }

  /** Ends evaluation; what fires goes on firing, for whoever evaluates next. */
  async stop(): Promise<void> {
    for (const { abort } of this.#running.values())
      abort.abort(new AppError('internal.stopping', 'the rules are stopping.'))
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    this.#running.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

const groupKey = (group: RuleGroup): string => `${group.file};${group.name}`
