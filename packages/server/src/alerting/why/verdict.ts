// What became of one alert by a moment, read from its journal.
import type { WhyVerdict } from '@tidewatch/api/alert-why.ts'
import type { JournalEntry } from '../port.ts'

export interface Verdict {
  readonly verdict: WhyVerdict
  readonly state: 'pending' | 'firing' | 'ended'
  readonly text: string
  readonly activeAtMs: number | undefined
  readonly firedAtMs: number | undefined
}

interface Walk {
  state: Verdict['state']
  activeAtMs: number | undefined
  firedAtMs: number | undefined
  /** By receiver: the last step that held it back, or that told it. Steps of one group say nothing of another. */
  readonly places: Map<string, JournalEntry>
  /** By integration: the last attempt. */
  readonly deliveries: Map<string, JournalEntry>
  taken: JournalEntry | undefined
  last: JournalEntry | undefined
  hasBegun: boolean
}

/** Steps of one alert, oldest first; undefined where none of them is before the moment. */
export function verdictAt(steps: readonly JournalEntry[], atMs: number): Verdict | undefined {
  const walk: Walk = {
    ...{ state: 'ended', activeAtMs: undefined, firedAtMs: undefined, places: new Map(), deliveries: new Map() },
    ...{ taken: undefined, last: undefined, hasBegun: false },
  }
  for (const step of steps) {
    if (step.atMs > atMs) break
    take(walk, step)
  }
  if (walk.last === undefined || !walk.hasBegun) return undefined
  const { state, activeAtMs, firedAtMs } = walk
  return { state, activeAtMs, firedAtMs, ...judged(walk, walk.last) }
}

function take(walk: Walk, step: JournalEntry): void {
  const { stage, detail, atMs } = step
  walk.last = step
  walk.hasBegun = true
  switch (stage) {
    case 'pending':
      begin(walk, 'pending', atMs)
      break
    case 'firing':
    case 'received':
      if (walk.state !== 'firing') begin(walk, 'firing', atMs)
      walk.firedAtMs ??= atMs
      break
    case 'inhibited':
    case 'silenced':
    case 'muted':
    case 'folded':
    case 'throttled':
    case 'notified':
      walk.places.set(String(detail.receiver ?? ''), step)
      break
    case 'delivery':
      walk.deliveries.set(String(detail.integration ?? ''), step)
      break
    case 'acknowledged':
      walk.taken = detail.released === undefined ? step : undefined
      break
    case 'resolved':
      walk.state = 'ended'
      break
    case 'routed':
    case 'flapping':
    case 'escalated':
      break
    default:
      stage satisfies never
  }
}

/** A new episode, unless it goes on from pending to firing. */
function begin(walk: Walk, state: 'pending' | 'firing', atMs: number): void {
  if (walk.state === 'ended') {
    walk.places.clear()
    walk.deliveries.clear()
    walk.taken = undefined
    walk.firedAtMs = undefined
    walk.activeAtMs = atMs
  }
  walk.state = state
}

function judged(walk: Walk, last: JournalEntry): { readonly verdict: WhyVerdict; readonly text: string } {
  if (walk.state === 'pending')
    return { verdict: 'pending', text: `The condition holds, and not yet for long enough: ${last.text}.` }
  const told = toldOf(walk)
  const places = [...walk.places.values()]
  const held = places.filter(({ stage }) => stage !== 'notified')
  if (walk.state === 'ended' && walk.firedAtMs === undefined) return { verdict: 'not_true', text: sentence(last.text) }
  if (walk.state === 'ended') {
    const how = told?.text ?? (held[0] === undefined ? 'Nobody was told.' : `Nobody was told: it ${whole(held[0])}`)
    return { verdict: 'ended', text: `It has ended. ${how}` }
  }
  if (told !== undefined) return told
  const [first] = held
  if (first !== undefined) {
    const verdict = first.stage as WhyVerdict
    return { verdict, text: `It fires, and nobody is told: it ${whole(first)}` }
  }
  if (walk.taken !== undefined) return { verdict: 'acknowledged', text: `It fires, and ${whole(walk.taken)}` }
  return { verdict: 'waiting', text: 'It fires, and its group waits a moment for others before anybody is told.' }
}

const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
const whole = ({ text }: JournalEntry): string => (text.endsWith('.') ? text : `${text}.`)

/** Undefined where nobody was told. */
function toldOf({ places, deliveries, taken }: Walk): { verdict: WhyVerdict; text: string } | undefined {
  const attempts = [...deliveries.values()]
  const delivered = attempts.filter(({ detail }) => detail.outcome === 'delivered')
  const failed = attempts.filter(({ detail }) => detail.outcome !== 'delivered')
  const byWhom = taken === undefined ? '' : ` ${whole(taken)}`
  if (delivered.length > 0) {
    const names = delivered.map(({ detail }) => String(detail.integration)).join(', ')
    const others = failed.length === 0 ? '' : ` Elsewhere it failed: ${failed.map(whole).join(' ')}`
    return { verdict: 'told', text: `People were told by ${names}.${byWhom}${others}` }
  }
  if (failed.length > 0)
    return { verdict: 'undelivered', text: `The message did not arrive: ${failed.map(whole).join(' ')}${byWhom}` }
  const sent = [...places.values()].find(({ stage }) => stage === 'notified')
  return sent === undefined ? undefined : { verdict: 'told', text: `A message is on its way: ${whole(sent)}${byWhom}` }
}
