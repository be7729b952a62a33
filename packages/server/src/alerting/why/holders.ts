// Who is behind a step that held an alert back: ids and fingerprints as people know them.
import type { JournalEntry } from '../port.ts'
import type { WhyParts } from './parts.ts'

/** A sentence more; empty where the step says all. */
export async function holderOf(
  steps: readonly JournalEntry[],
  stage: string,
  { silences, episodes, machine, clock }: Pick<WhyParts, 'silences' | 'episodes' | 'machine' | 'clock'>,
): Promise<string> {
  const by = steps.findLast((step) => step.stage === stage)?.detail.by
  const ids = typeof by === 'string' ? by.split(', ') : []
  if (stage === 'silenced') {
    const found = ids.map((id) => silences.find(id)).filter((silence) => silence !== undefined)
    const told = found.map(({ createdBy, comment, endsAtMs }) => {
      return `${createdBy} made the silence ("${comment}"), until ${new Date(endsAtMs).toISOString()}.`
    })
    return told.join(' ')
  }
  if (stage !== 'inhibited') return ''
  const names = await Promise.all(
    ids.map(async (fingerprint) => {
      const held = machine()?.alerts.get(fingerprint)?.alert.labels.get('alertname')
      if (held !== undefined) return held
      const span = { fromMs: 0, toMs: clock.nowMs(), fingerprint }
      return (await episodes.page(span, { limit: 1 })).episodes[0]?.name ?? fingerprint
    }),
  )
  return names.length === 0 ? '' : `That is ${names.join(', ')}.`
}
