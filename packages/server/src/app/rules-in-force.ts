// The rules in force: those of files and those of packs that were chosen, applied one change after the other while this process leads.
import type { Clock } from '@tidewatch/core/clock.ts'
import { PackBook } from '../alerting/packs/pack-book.ts'
import { createPackRows } from '../alerting/packs/state.ts'
import type { RuleManager } from '../alerting/rules/manager.ts'
import type { RuleGroup } from '../alerting/rules/rule-file.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import type { Logger, TaskGroup } from '../self/port.ts'
import type { StateStore } from '../state/port.ts'

type Environment = Parameters<RuleManager['apply']>[1]

export interface RulesInForceOptions {
  readonly rules: Pick<RuleManager, 'apply'>
  readonly state: StateStore
  readonly clock: Clock
  readonly tasks: TaskGroup
  readonly logger: Logger
}

export interface RulesInForce {
  readonly packs: PackBook
  /** Groups of the configuration and what they are evaluated with, from now on. */
  follow(groups: readonly RuleGroup[], environment: () => Environment): Promise<void>
  lead(isLeader: boolean): Promise<void>
}

/** What another process has chosen is in force here so soon. */
const refreshMs = 10_000

export function openRulesInForce({ rules, state, clock, tasks, logger }: RulesInForceOptions): RulesInForce {
  let configured: { readonly groups: readonly RuleGroup[]; readonly environment: () => Environment } | undefined
  let isLeader = false
  let turn: Promise<void> = Promise.resolve()
  // two at the same time would start each group twice
  const apply = (): Promise<void> => {
    turn = turn
      .catch(() => undefined)
      .then(async () => {
        if (!isLeader || configured === undefined) return
        await rules.apply([...configured.groups, ...packs.groups], configured.environment())
      })
    return turn
  }
  const packs = new PackBook({
    ...{ rows: createPackRows(state), readYaml: readWrittenYaml, clock, onChange: apply },
    onFault: (pack, error) => logger.error('a pack of rules is left out', { part: 'alerting', pack, error }),
  })
  tasks.every('rule packs', refreshMs, () => packs.refresh())
  return {
    packs,
    async follow(groups, environment) {
      configured = { groups, environment }
      await apply()
    },
    async lead(isNow) {
      isLeader = isNow
      if (!isNow) return
      await packs.refresh()
      await apply()
    },
  }
}
