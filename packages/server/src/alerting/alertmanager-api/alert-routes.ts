// Alerts and groups of API v2, and the old v1 post.
import type { MatcherMode } from '@tidewatch/alertmanager/port.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { Counter, Family } from '../../self/port.ts'
import type { Dispatcher } from '../dispatch/live.ts'
import type { DispatchMachine } from '../dispatch/machine.ts'
import type { SilenceBook } from '../silences/silence-book.ts'
import { type AlertFilter, listAlerts, listGroups, type ViewParts } from './alert-view.ts'
import { apiErrors, failure, readFilters, readReceiver, readSwitch, unprocessable } from './answers.ts'
import { MissingField, readPostedAlerts } from './posted.ts'

export interface AlertRouteParts {
  readonly dispatcher: Dispatcher
  readonly silences: SilenceBook
  readonly clock: Clock
  readonly mode: () => MatcherMode
  /** Alerts that came in by `status` and `version`, and those that were no good. */
  readonly received: Family<Counter>
  readonly invalid: Family<Counter>
}

const common = { errors: 'prometheus', errorBody: apiErrors } as const
const bodyLimits = { maxBytes: 16 << 20, maxInflatedBytes: 64 << 20 }
/** Active ones of all senders together: what stands in memory. */
const maxActiveAlerts = 500_000

export function createAlertRoutes(parts: AlertRouteParts): readonly Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/api/v2/alerts',
      permission: 'view',
      summary: "Alertmanager's list of alerts",
      handle: ({ query }) => ({ body: listAlerts(readFilter(query, parts), viewOf(parts)) }),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/api/v2/alerts/groups',
      permission: 'view',
      summary: "Alertmanager's groups of alerts",
      handle: ({ query }) => {
        const filter = { ...readFilter(query, parts), muted: readSwitch(query, 'muted') }
        return { body: listGroups(filter, viewOf(parts)) }
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/api/v2/alerts',
      permission: 'ingest',
      summary: 'Alerts of a Prometheus or another sender',
      bodyKind: 'json',
      limits: bodyLimits,
      handle: (context) => post(context, parts, 'v2'),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/alerts',
      permission: 'ingest',
      errors: 'prometheus',
      summary: 'The same by the API of old Alertmanagers',
      bodyKind: 'json',
      limits: bodyLimits,
      handle: (context) => post(context, parts, 'v1'),
    }),
  ]
}

export function machineOf(dispatcher: Pick<Dispatcher, 'machine'>): DispatchMachine {
  const { machine } = dispatcher
  if (machine === undefined)
    throw new AppError('internal.stopping', 'this process does not hold the alerts at the moment.', {
      fix: 'Try again in a moment, or ask the process that evaluates the rules.',
    })
  return machine
}

const viewOf = ({ dispatcher, silences, clock }: AlertRouteParts): ViewParts => ({
  machine: machineOf(dispatcher),
  silencesOf: (labels, nowMs) => silences.silencesOf(labels, nowMs),
  nowMs: clock.nowMs(),
})

function readFilter(query: unknown, { mode }: AlertRouteParts): AlertFilter {
  return {
    matchers: readFilters(query, mode()),
    receiver: readReceiver(query),
    ...{ active: readSwitch(query, 'active'), silenced: readSwitch(query, 'silenced') },
    inhibited: readSwitch(query, 'inhibited'),
  }
}

/** The good ones are kept before the answer, whatever is wrong with the others. */
async function post({ body }: RequestContext, parts: AlertRouteParts, version: 'v1' | 'v2'): Promise<Answer> {
  const { dispatcher, clock, mode, received, invalid } = parts
  const nowMs = clock.nowMs()
  let read: ReturnType<typeof readPostedAlerts>
  try {
    read = readPostedAlerts(body, { mode: mode(), nowMs })
  } catch (error) {
    if (error instanceof MissingField && version === 'v2') return unprocessable(602, error.message)
    throw error instanceof MissingField ? new AppError('http.invalid', `${error.message}.`) : error
  }
  const { good, problems } = read
  if (machineOf(dispatcher).alerts.size + good.length > maxActiveAlerts)
    throw new AppError('http.busy', `there are ${maxActiveAlerts} active alerts already.`, { retryAfterSeconds: 30 })
  if (good.length > 0) await dispatcher.deliver(good)
  const resolved = good.filter(({ endsAtMs }) => endsAtMs !== undefined && endsAtMs <= nowMs).length
  received.with('firing', version).add(good.length - resolved)
  received.with('resolved', version).add(resolved)
  invalid.with(version).add(problems.length)
  if (problems.length > 0) {
    const message = problems.slice(0, 20).join('; ')
    if (version === 'v1') throw new AppError('http.invalid', message)
    return failure(400, message)
  }
  return version === 'v1' ? { body: { status: 'success' } } : { status: 200 }
}
