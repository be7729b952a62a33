// What fires, over HTTP, for pages that ask every few seconds: narrowed and cut here, and no bytes where nothing changed.
import { createHash } from 'node:crypto'
import { parseMatcher } from '@tidewatch/alertmanager/parse-matchers.ts'
import type { MatcherMode } from '@tidewatch/alertmanager/port.ts'
import {
  alertsSummary,
  type FiringAlertsQuery,
  type FiringRow,
  firingAlerts,
  firingAlertsQuery,
  firingLabels,
  firingLabelsQuery,
  pendingAlerts,
  silencedAlerts,
} from '@tidewatch/api/firing-alerts.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import { machineOf } from '../alertmanager-api/alert-routes.ts'
import type { Dispatcher } from '../dispatch/live.ts'
import type { Acknowledgements } from '../port.ts'
import type { GroupRunner, RuleStatus } from '../rules/group-runner.ts'
import type { SilenceBook } from '../silences/silence-book.ts'
import { type FiringFilter, listFiring, listLabels, listSilenced, summarize } from './firing-view.ts'
import { countRules, newestValueOf, pendingOf } from './of-rules.ts'
import type { FiringSources } from './standing.ts'

export interface FiringRouteParts {
  readonly dispatcher: Pick<Dispatcher, 'machine'>
  readonly silences: Pick<SilenceBook, 'silencesOf'>
  readonly acknowledgements: () => Pick<Acknowledgements, 'of'>
  readonly groups: () => readonly GroupRunner[]
  readonly externalLabels: () => Readonly<Record<string, string>>
  readonly mode: () => MatcherMode
  readonly clock: Clock
}

const base = '/api/tidewatch/v1/alerts'
const common = { method: 'GET', permission: 'view', errors: 'tidewatch' } as const
const usualLimit = 200
/** As many as can be taken at once. */
const mostLabels = 10_000
const mostPending = 200
const summaryRows = 5

export function createFiringRoutes(parts: FiringRouteParts): readonly Route[] {
  return [
    defineRoute({
      ...{ ...common, path: `${base}/firing`, query: firingAlertsQuery, response: firingAlerts },
      summary: 'What fires, in groups as routes make them, by filter and page; 304 where nothing changed',
      handle({ query, headers }) {
        const page = { limit: query.limit ?? usualLimit, cursor: query.cursor }
        return ifChanged(headers, listFiring(filterOf(query, parts), page, sourcesOf(parts)))
      },
    }),
    defineRoute({
      ...{ ...common, path: `${base}/firing/labels`, query: firingLabelsQuery, response: firingLabels },
      summary: 'Labels of all that fire and pass the filter, to act on them at once',
      handle: ({ query }) => ({ body: listLabels(filterOf(query, parts), mostLabels, sourcesOf(parts)) }),
    }),
    defineRoute({
      ...{ ...common, path: `${base}/pending`, response: pendingAlerts },
      summary: 'What is about to fire; 304 where nothing changed',
      handle: ({ headers }) => ifChanged(headers, pendingOf(rulesOf(parts), parts.externalLabels(), mostPending)),
    }),
    defineRoute({
      ...{ ...common, path: `${base}/summary`, response: alertsSummary },
      summary: 'How much fires by state and severity, the worst of it, what is about to; 304 where nothing changed',
      handle: ({ headers }) => ifChanged(headers, summaryOf(parts)),
    }),
    defineRoute({
      ...{ ...common, path: `${base}/silenced`, response: silencedAlerts },
      summary: 'How many alerts each silence hides now; 304 where nothing changed',
      handle: ({ headers }) => ifChanged(headers, listSilenced(sourcesOf(parts))),
    }),
  ]
}

const rulesOf = ({ groups }: FiringRouteParts): RuleStatus[] => groups().flatMap(({ status }) => [...status.rules])

function summaryOf(parts: FiringRouteParts) {
  const { next, worst, ...figures } = summarize(sourcesOf(parts))
  const rules = rulesOf(parts)
  const external = parts.externalLabels()
  const withValue = (row: FiringRow): FiringRow => {
    const value = newestValueOf(row.labels, rules, external)
    return value === undefined ? row : { ...row, value }
  }
  return {
    ...figures,
    worst: worst.map(withValue),
    ...(next === undefined ? {} : { next: withValue(next) }),
    pending: pendingOf(rules, external, summaryRows),
    rules: countRules(rules),
  }
}

const sourcesOf = ({ dispatcher, silences, acknowledgements, clock }: FiringRouteParts): FiringSources => ({
  machine: machineOf(dispatcher),
  silencesOf: (labels, nowMs) => silences.silencesOf(labels, nowMs),
  takerOf: (fingerprint) => acknowledgements().of(fingerprint),
  nowMs: clock.nowMs(),
})

/** Throws `alerts.bad_matcher`. */
function filterOf(query: Omit<FiringAlertsQuery, 'cursor' | 'limit'>, { mode }: FiringRouteParts): FiringFilter {
  return {
    words: (query.find ?? '').toLowerCase().split(/\s+/).filter(Boolean),
    ...{ severity: query.severity, standing: query.state, receiver: query.receiver, group: query.group },
    matchers: [query.filter ?? []].flat().map((text) => parseMatcher(text, mode())),
  }
}

/** The answer with its tag, or 304 where the caller has it already. */
function ifChanged(headers: RequestContext['headers'], value: object): Answer {
  const body = JSON.stringify(value)
  // weak: the bytes on the way may be compressed, or not
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const known = headers['if-none-match']
  if (typeof known === 'string' && known.split(',').some((tag) => tag.trim() === etag))
    return { status: 304, headers: { etag } }
  return { headers: { etag, 'content-type': 'application/json' }, body }
}
