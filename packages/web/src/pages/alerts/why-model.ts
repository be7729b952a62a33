// The time line of one alert: what happened, and what will. No React here.
import type { AlertDetail, AlertStep } from '@tidewatch/api/alert-why.ts'
import type { State } from '../../ui/glyph.tsx'

export interface WhyRow {
  readonly key: string
  readonly atMs: number
  readonly title: string
  readonly text: string
  /** A shape where the step changes how the alert stands; a dot otherwise. */
  readonly glyph: State | undefined
  readonly isFuture: boolean
}

const titles: Record<AlertStep['stage'], string> = {
  pending: 'Condition became true',
  firing: 'Fired',
  received: 'Received',
  inhibited: 'Held back by another alert',
  silenced: 'Silenced',
  muted: 'Muted by the time',
  folded: 'Told with what it depends on',
  routed: 'Routed',
  throttled: 'Not told again yet',
  flapping: 'Comes and goes',
  notified: 'Notified',
  delivery: 'Sent',
  acknowledged: 'Acknowledged',
  escalated: 'Escalated',
  resolved: 'Ended',
}

/** Past steps, the oldest first, then what is known of the future. */
export function whyRows(detail: AlertDetail, nowMs: number, severity: State): readonly WhyRow[] {
  const past = detail.timeline.map((step, index): WhyRow => {
    const title = step.stage === 'delivery' ? deliveryTitle(step) : titles[step.stage]
    return {
      key: `${step.atMs} ${step.stage} ${index}`,
      atMs: step.atMs,
      title,
      text: step.text,
      glyph: glyphOf(step, severity),
      isFuture: false,
    }
  })
  return [...past, ...futureRows(detail, nowMs)]
}

function deliveryTitle({ detail }: AlertStep): string {
  switch (detail.outcome) {
    case 'failed':
      return 'Not delivered'
    case 'retry':
      return 'Not delivered, tried again'
    case 'skipped':
      return 'Not sent'
    default:
      return 'Delivered'
  }
}

function glyphOf({ stage, detail }: AlertStep, severity: State): State | undefined {
  switch (stage) {
    case 'pending':
      return 'pending'
    case 'firing':
      return severity
    case 'acknowledged':
      return 'acknowledged'
    case 'resolved':
      return 'fine'
    case 'inhibited':
    case 'silenced':
    case 'muted':
    case 'folded':
    case 'throttled':
      return 'held'
    case 'flapping':
      return 'warning'
    case 'delivery':
      return detail.outcome === 'failed' ? 'critical' : detail.outcome === 'retry' ? 'warning' : undefined
    default:
      return undefined
  }
}

const holdingEnds: Record<AlertDetail['holding'][number]['stage'], string> = {
  inhibited: 'No longer held back',
  silenced: 'The silence ends',
  muted: 'The muted time ends',
  folded: 'Told by itself',
  throttled: 'May be told again',
  acknowledged: 'The acknowledgement ends',
}

function futureRows({ next, holding }: AlertDetail, nowMs: number): WhyRow[] {
  const ends = holding.flatMap(({ stage, untilMs, text, receiver }): WhyRow[] =>
    untilMs === undefined || untilMs <= nowMs
      ? []
      : [
          {
            key: `until ${stage} ${receiver ?? ''} ${untilMs}`,
            atMs: untilMs,
            title: holdingEnds[stage],
            text,
            glyph: undefined,
            isFuture: true,
          },
        ],
  )
  const { atMs } = next
  if (atMs !== undefined && atMs > nowMs)
    ends.push({ key: 'next', atMs, title: next.text, text: '', glyph: undefined, isFuture: true })
  return ends.sort((a, b) => a.atMs - b.atMs)
}

export interface ToldRow {
  readonly receiver: string
  readonly integration: string
  /** Undefined: not yet. */
  readonly atMs: number | undefined
  readonly firing: boolean
  /** The newest attempt to send did not arrive. */
  readonly isUndelivered: boolean
}

/** Whom the groups of an alert tell, when each was told last, and whether that arrived. */
export function toldRows({ groups, timeline }: Pick<AlertDetail, 'groups' | 'timeline'>): readonly ToldRow[] {
  const rows = new Map<string, ToldRow>()
  for (const { receiver, integrations, told } of groups)
    for (const integration of integrations) {
      const last = told.find((one) => one.integration === integration)
      const key = `${receiver} ${integration}`
      const known = rows.get(key)?.atMs
      if (known !== undefined && known >= (last?.atMs ?? 0)) continue
      const sent = timeline.findLast(
        ({ stage, detail }) =>
          stage === 'delivery' && detail.integration === integration && detail.outcome !== 'skipped',
      )
      const isUndelivered = sent?.detail.outcome === 'failed' || sent?.detail.outcome === 'retry'
      rows.set(key, { receiver, integration, atMs: last?.atMs, firing: last?.firing ?? false, isUndelivered })
    }
  return [...rows.values()]
}

/** How an alert stands, in a word or two and a shape. */
export function standingOf(
  { state, holding, acknowledgement }: Pick<AlertDetail, 'state' | 'holding' | 'acknowledgement'>,
  severity: State,
): { readonly glyph: State; readonly word: string } {
  if (state === 'ended') return { glyph: 'fine', word: 'ended' }
  if (state === 'pending') return { glyph: 'pending', word: 'pending' }
  if (acknowledgement !== undefined) return { glyph: 'acknowledged', word: `${acknowledgement.by} has it` }
  const held = holding.find(({ stage, receiver }) => receiver === undefined && stage !== 'throttled')
  if (held !== undefined) return { glyph: 'held', word: `firing, ${held.stage}` }
  return { glyph: severity, word: 'firing' }
}

/** Times and limits as the charts want them: how long it waited and since when it fires. */
export function lifeOf({ state, activeAtMs, firedAtMs, endedAtMs }: AlertDetail, nowMs: number) {
  const endMs = state === 'ended' ? endedAtMs : nowMs
  const startMs = activeAtMs ?? firedAtMs
  if (startMs === undefined || endMs === undefined) return []
  const firesMs = state === 'pending' ? endMs : Math.min(endMs, firedAtMs ?? startMs)
  return [
    { startMs, endMs: firesMs, tone: 'warn' as const },
    { startMs: firesMs, endMs, tone: 'crit' as const },
  ].filter((span) => span.endMs > span.startMs)
}
