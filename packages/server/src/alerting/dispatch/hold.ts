// What is held back at a flush though nothing mutes it: consequences of another alert, and what was told too often of late.
import type { Folding } from '../dependencies.ts'
import type { Hold } from '../pacing.ts'
import type { JournalStage } from '../port.ts'
import type { AlertGroup } from './alert-group.ts'
import { type HeldAlert, isResolved } from './held-alert.ts'
import type { ToldBook } from './told-book.ts'

export interface HoldSources {
  /** By fingerprint: alerts that another one explains. */
  readonly foldings: ReadonlyMap<string, Folding>
  readonly alertOf: (fingerprint: string) => HeldAlert | undefined
  /** What holds back that the alert fires. */
  readonly holdOf: (alert: HeldAlert) => Hold | undefined
  /** People are told now that the alert fires. */
  readonly noteTold: (alert: HeldAlert) => void
}

interface HoldParts extends HoldSources {
  readonly nowMs: number
  readonly told: Pick<ToldBook, 'believesFiring'>
  readonly note: (
    alert: HeldAlert,
    what: { readonly stage: JournalStage; readonly text: string; readonly by: readonly string[] },
  ) => void
}

/** Steps that hold at each look, and are told at the first. */
export function isHeldBack(group: AlertGroup, fingerprint: string): boolean {
  const noted = group.noted.get(fingerprint)
  return noted !== undefined && /^(?:throttled|folded) /.test(noted)
}

/** What people may hear of. What was held back and ends without anybody having heard of it is no news. */
export function unheld(group: AlertGroup, alerts: HeldAlert[], parts: HoldParts): HeldAlert[] {
  const { nowMs, foldings, told } = parts
  return alerts.filter((alert) => {
    const isKnown = told.believesFiring(group.id, alert.fingerprint)
    if (isResolved(alert, nowMs)) return isKnown || !isHeldBack(group, alert.fingerprint)
    const folding = foldings.get(alert.fingerprint)
    if (folding !== undefined) {
      const cause = parts.alertOf(folding.under)?.labels.get('alertname') ?? folding.under
      const by = [`${cause} (${folding.because})`]
      parts.note(alert, { stage: 'folded', text: 'is told with what it depends on', by })
      return false
    }
    const hold = isKnown ? undefined : parts.holdOf(alert)
    if (hold !== undefined) parts.note(alert, { stage: 'throttled', text: 'is told later', by: [hold.why] })
    else if (!isKnown) group.noted.delete(alert.fingerprint)
    return hold === undefined
  })
}

/** Names in a message; the rest is counted. */
const maxNames = 20

/** The alert as people see it: with what it explains. */
export function withAttached(
  alert: HeldAlert,
  { foldings, alertOf }: Pick<HoldSources, 'foldings' | 'alertOf'>,
): HeldAlert {
  if (foldings.size === 0) return alert
  const names = new Map<string, number>()
  let count = 0
  for (const [fingerprint, { under }] of foldings) {
    const attached = under === alert.fingerprint ? alertOf(fingerprint) : undefined
    if (attached === undefined) continue
    count++
    const name = nameOf(attached)
    names.set(name, (names.get(name) ?? 0) + 1)
  }
  if (count === 0) return alert
  const listed = [...names].slice(0, maxNames).map(([name, times]) => (times === 1 ? name : `${name} ×${times}`))
  const rest = names.size > maxNames ? [`${names.size - maxNames} more`] : []
  const attached = `${count} ${count === 1 ? 'alert' : 'alerts'} of what depends on it: ${[...listed, ...rest].join(', ')}`
  return { ...alert, annotations: { ...alert.annotations, attached } }
}

function nameOf({ labels }: HeldAlert): string {
  const of = labels.get('service') || labels.get('job') || labels.get('instance')
  const name = labels.get('alertname')
  return of === '' ? name : `${name} (${of})`
}
