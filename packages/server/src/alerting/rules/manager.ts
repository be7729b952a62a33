// All rule groups: starts and stops their runners as the configuration changes.
import { AppError } from '@tidewatch/core/error.ts'
import { GroupRunner, type RuleEnvironment } from './group-runner.ts'
import type { Rule, RuleGroup } from './rule-file.ts'
import { EvaluationSlots } from './rule-order.ts'

interface Running {
  readonly runner: GroupRunner
  readonly abort: AbortController
  readonly done: Promise<void>
}

export interface RuleManagerOptions {
  readonly onFailure: (group: RuleGroup, error: AppError) => void
  readonly onRuleFailure: (group: RuleGroup, rule: Rule, error: AppError) => void
}

/** Rules that run beside those that their groups run anyway: as many as Prometheus's concurrent-rule-eval allows. */
const maxConcurrentRules = 4

/** Owns the runners. `apply` may be called again and again; unchanged rules keep their state. */
export class RuleManager implements AsyncDisposable {
  readonly #options: RuleManagerOptions
  readonly #running = new Map<string, Running>()
  readonly #slots = new EvaluationSlots(maxConcurrentRules)

  constructor(options: RuleManagerOptions) {
    this.#options = options
  }

  get groups(): readonly GroupRunner[] {
    return [...this.#running.values()].map(({ runner }) => runner)
  }

  /** The groups in force from now on. */
  async apply(
    groups: readonly RuleGroup[],
    environment: Omit<RuleEnvironment, 'slots' | 'onRuleFailure'>,
  ): Promise<void> {
    const former = new Map(this.#running)
    const { onRuleFailure } = this.#options
    await this.stop()
    for (const group of groups) {
      const runner = new GroupRunner(group, { ...environment, slots: this.#slots, onRuleFailure })
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
