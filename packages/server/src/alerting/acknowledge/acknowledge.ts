// Somebody takes alerts: by the page, a link, a chat button or a reply, which all end here.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Acknowledgement, Acknowledgements, AlertJournal, FiringAlert, FiringAlerts } from '../port.ts'
import type { AcknowledgementRows } from './state.ts'

/** More than an incident has; beyond it the call is refused. */
export const maxTaken = 10_000
export const longestName = 100
export const longestNote = 1000

export interface AcknowledgeOptions {
  readonly rows: AcknowledgementRows
  readonly alerts: FiringAlerts
  readonly journal: Pick<AlertJournal, 'record'>
  readonly clock: Clock
}

/** What the dispatcher and the escalations ask, and what keeps it true. */
export interface OpenAcknowledgements extends Acknowledgements {
  readonly all: () => readonly Acknowledgement[]
  /** From the table: at the start, and now and then where another process may have written. */
  refresh(): Promise<void>
  /** Forgets those whose alerts have ended. Not before the set of alerts is whole after a start. */
  sweep(): Promise<void>
  /** Told after each change. */
  onChange(listener: () => void): void
}

export function createAcknowledgements(options: AcknowledgeOptions): OpenAcknowledgements {
  const { rows, alerts, journal, clock } = options
  const taken = new Map<string, Acknowledgement>()
  const listeners: (() => void)[] = []
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  const tell = (fingerprint: string, text: string, detail: Readonly<Record<string, string>>): void =>
    journal.record([{ atMs: clock.nowMs(), fingerprint, stage: 'acknowledged', text, detail }])
  const remove = async (fingerprints: readonly string[]): Promise<void> => {
    await rows.remove(fingerprints)
    for (const fingerprint of fingerprints) taken.delete(fingerprint)
    changed()
  }
  return {
    all: () => [...taken.values()],
    of(fingerprint) {
      const known = taken.get(fingerprint)
      return known === undefined || hasEnded(known, alerts.find(fingerprint)) ? undefined : known
    },
    async acknowledge(which, who) {
      const firing = alertsOf(which, alerts)
      const stale = firing.filter((alert) => {
        const known = taken.get(alert.fingerprint)
        return known !== undefined && hasEnded(known, alert)
      })
      if (stale.length > 0) await remove(stale.map(({ fingerprint }) => fingerprint))
      const { by, via, note } = checkedWho(who)
      const atMs = clock.nowMs()
      const added = await rows.add(firing.map(({ fingerprint }) => ({ fingerprint, by, via, note, atMs })))
      for (const one of added) {
        taken.set(one.fingerprint, one)
        tell(one.fingerprint, `${by} took it (${via})${note === '' ? '.' : `: ${note}`}`, { by, via, note })
      }
      if (added.length > 0) changed()
      return added
    },
    async release(fingerprints, by) {
      const known = fingerprints.filter((fingerprint) => taken.has(fingerprint))
      if (known.length === 0) return
      await remove(known)
      for (const fingerprint of known) tell(fingerprint, `${by} gave it back.`, { by, released: 'true' })
    },
    async refresh() {
      const all = await rows.all()
      const before = taken.size
      taken.clear()
      for (const one of all) taken.set(one.fingerprint, one)
      if (taken.size !== before) changed()
    },
    async sweep() {
      const ended = [...taken.values()].filter((one) => hasEnded(one, alerts.find(one.fingerprint)))
      if (ended.length > 0) await remove(ended.map(({ fingerprint }) => fingerprint))
    },
    onChange: (listener) => listeners.push(listener),
  }
}

/** An alert that began after it was taken is another one: that which was taken has ended in between. */
const hasEnded = ({ atMs }: Acknowledgement, alert: FiringAlert | undefined): boolean =>
  alert === undefined || alert.startsAtMs > atMs

function alertsOf(which: Parameters<Acknowledgements['acknowledge']>[0], alerts: FiringAlerts): readonly FiringAlert[] {
  const firing =
    'groupKey' in which
      ? alerts.inGroup(which.groupKey)
      : [...new Set(which.fingerprints)].map((one) => alerts.find(one)).filter((alert) => alert !== undefined)
  if (firing.length === 0)
    throw new AppError(
      'state.not_found',
      'groupKey' in which ? 'nothing fires in this group any more.' : 'none of these alerts fires any more.',
      { where: { key: 'groupKey' in which ? 'groupKey' : 'fingerprints' }, fix: 'Look at the page of alerts.' },
    )
  if (firing.length > maxTaken)
    throw new AppError('http.invalid', `these are ${firing.length} alerts; at most ${maxTaken} are taken at once.`, {
      fix: 'Take them in several calls.',
    })
  return firing
}

type Who = Parameters<Acknowledgements['acknowledge']>[1]

/** Names and notes come from chats and replies: one line each, cut. */
function checkedWho({ by, via, note }: Who): Who {
  const who = { by: oneLine(by, longestName), via, note: oneLine(note, longestNote) }
  if (who.by === '') throw new AppError('http.invalid', 'it does not say who takes them.', { where: { key: 'by' } })
  return who
}

// control characters have no place in a line of a log or of a message
const oneLine = (text: string, longest: number): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, longest)
