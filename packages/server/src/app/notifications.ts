// What an administrator should know of the server itself: a reload that failed, parts that do not work as they should.
import type { Clock } from '@tidewatch/core/clock.ts'
import { formatProblem } from '@tidewatch/core/error.ts'
import type { Health } from '../self/port.ts'
import type { TidewatchServer } from './server.ts'

/** As Prometheus tells it. https://prometheus.io/docs/prometheus/latest/querying/api/#notifications */
export interface Notification {
  readonly text: string
  /** Since when, RFC 3339. */
  readonly date: string
  /** False once: it is over. */
  readonly active: boolean
}

export interface NotificationsOptions {
  readonly configuration: Pick<TidewatchServer['configuration'], 'lastReload'>
  readonly health: Pick<Health, 'report'>
  readonly clock: Clock
}

const lookEveryMs = 1000
/** A line that says nothing, so that proxies keep the connection and a caller who went away is noticed. */
const aliveEveryMs = 15_000

/** What is wrong now. */
export function activeNotifications({ configuration, health }: NotificationsOptions): Notification[] {
  return [...reloadFailed(configuration), ...unwellParts(health)]
}

/** The old configuration stays in force, which is easily overlooked. */
function reloadFailed({ lastReload: { atMs, result } }: NotificationsOptions['configuration']): Notification[] {
  if (result.ok) return []
  const first = result.problems[0]
  const why = first === undefined ? '' : ` ${formatProblem(first)}`
  return [notification(`Configuration reload has failed.${why}`, atMs)]
}

function unwellParts(health: NotificationsOptions['health']): Notification[] {
  return health.report().parts.flatMap(({ name, state, reason, sinceMs }) => {
    if (state !== 'degraded' && state !== 'down') return []
    return [notification(`The ${name} is ${state}${reason === undefined ? '.' : `: ${reason}`}`, sinceMs)]
  })
}

const notification = (text: string, atMs: number): Notification => ({
  text,
  date: new Date(atMs).toISOString(),
  active: true,
})

/**
 * Server-sent events: what is wrong at the beginning, then each change within a second; one event a notification. Ends with the signal.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* notificationEvents(
  options: NotificationsOptions,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const told = new Map<string, Notification>()
  let saidAtMs = options.clock.monotonicMs()
  // at once, so that the caller sees that it is connected
  yield ': tidewatch\n\n'
  while (!signal.aborted) {
    const events = changes(told, activeNotifications(options))
    const nowMs = options.clock.monotonicMs()
    if (events.length > 0) yield events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    else if (nowMs - saidAtMs >= aliveEveryMs) yield ':\n\n'
    if (events.length > 0 || nowMs - saidAtMs >= aliveEveryMs) saidAtMs = nowMs
    try {
      await options.clock.sleep(lookEveryMs, { signal })
    } catch {
      // the caller went away or the server stops
      return
    }
  }
}

/** What is new, what says something else now, and what is over; `told` is brought up to date. */
function changes(told: Map<string, Notification>, active: readonly Notification[]): Notification[] {
  const now = new Map(active.map((one) => [`${one.date} ${one.text}`, one]))
  const over = [...told].filter(([key]) => !now.has(key)).map(([, one]) => ({ ...one, active: false }))
  const begun = [...now].filter(([key]) => !told.has(key)).map(([, one]) => one)
  told.clear()
  for (const [key, one] of now) told.set(key, one)
  return [...over, ...begun]
}
