// What "why" asks, and how it finds the rule and the labels behind a fingerprint or a name.

import { fingerprintOf } from '@tidewatch/alertmanager/fingerprint.ts'
import type { AlertRuleShown } from '@tidewatch/api/alert-why.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { QueryOptions, QueryService } from '../../query/port.ts'
import type { DispatchMachine } from '../dispatch/machine.ts'
import type { EpisodeReader } from '../history/read.ts'
import type { Acknowledgements, AlertJournal } from '../port.ts'
import type { GroupRunner, RuleStatus } from '../rules/group-runner.ts'
import type { ActiveAlert } from '../rules/lifecycle.ts'
import { type RuleAlertContext, ruleAlert } from '../rules/rule-alert.ts'
import type { AlertingRule, RuleGroup } from '../rules/rule-file.ts'
import type { SilenceBook } from '../silences/silence-book.ts'

export interface WhyParts {
  /** Those that this process evaluates. */
  readonly groups: () => readonly GroupRunner[]
  /** All that are configured: what is known where another process evaluates. */
  readonly configured: () => readonly RuleGroup[]
  readonly defaults: () => { readonly intervalMs: number; readonly queryOffsetMs: number }
  readonly machine: () => DispatchMachine | undefined
  readonly silences: Pick<SilenceBook, 'silencesOf' | 'find'>
  readonly acknowledgements: () => Pick<Acknowledgements, 'of'>
  readonly journal: Pick<AlertJournal, 'read' | 'readRule'>
  readonly episodes: EpisodeReader
  readonly queries: Pick<QueryService, 'vector' | 'matrix'>
  readonly clock: Clock
  readonly context: () => RuleAlertContext
}

/** Who asks. */
export type Asker = Pick<QueryOptions, 'projects' | 'user' | 'signal'>

export interface KnownRule {
  readonly rule: AlertingRule
  readonly group: RuleGroup
  readonly intervalMs: number
  readonly queryOffsetMs: number
  /** Undefined where another process evaluates it. */
  readonly status: RuleStatus | undefined
}

export function alertingRules({ groups, configured, defaults }: WhyParts): readonly KnownRule[] {
  const running = groups()
  if (running.length > 0)
    return running.flatMap(({ group, intervalMs, queryOffsetMs, status }) =>
      status.rules.flatMap((one) =>
        one.rule.kind === 'alerting' ? [{ rule: one.rule, group, intervalMs, queryOffsetMs, status: one }] : [],
      ),
    )
  const { intervalMs, queryOffsetMs } = defaults()
  return configured().flatMap((group) =>
    group.rules.flatMap((rule) =>
      rule.kind === 'alerting'
        ? [
            {
              ...{ rule, group, status: undefined, intervalMs: group.intervalMs ?? intervalMs },
              queryOffsetMs: group.queryOffsetMs ?? queryOffsetMs,
            },
          ]
        : [],
    ),
  )
}

export const shownRule = ({ rule, group }: Pick<KnownRule, 'rule' | 'group'>): AlertRuleShown => ({
  ...{ name: rule.name, group: group.name, file: group.file, kind: rule.origin?.kind ?? 'prometheus' },
  ...{ query: rule.expr, forMs: rule.forMs, keepFiringForMs: rule.keepFiringForMs },
})

export interface LiveAlert {
  readonly known: KnownRule
  readonly alert: ActiveAlert
  /** With those that are added on the way out. */
  readonly labels: Labels
  readonly fingerprint: string
}

/** What rules have pending and firing now, those that have ended left out. */
export function* liveAlerts(rules: readonly KnownRule[], context: RuleAlertContext): Generator<LiveAlert> {
  for (const known of rules)
    for (const alert of known.status?.alerts.values() ?? []) {
      if (alert.state === 'inactive') continue
      const { labels } = ruleAlert(alert, known.rule, context)
      yield { known, alert, labels, fingerprint: fingerprintOf(labels) }
    }
}

/** The rule of an alert that is no longer there: of its name, and with the labels that it gives. */
export function ruleOfLabels(
  rules: readonly KnownRule[],
  labels: Readonly<Record<string, string>>,
): KnownRule | undefined {
  const named = rules.filter(({ rule }) => rule.name === labels.alertname)
  return named.find(({ rule }) => givesLabels(rule, labels)) ?? named[0]
}

/** Labels of rules may be templates: those say nothing. */
export const givesLabels = ({ labels }: AlertingRule, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([name, value]) => value.includes('{{') || (wanted[name] ?? value) === value)
