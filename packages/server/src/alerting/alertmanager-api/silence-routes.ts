// Silences of API v2, and what one would hide.

import { matchesLabels, toApiMatcher } from '@tidewatch/alertmanager/matcher.ts'
import { parseMatchers } from '@tidewatch/alertmanager/parse-matchers.ts'
import type { ApiMatcher, MatcherMode } from '@tidewatch/alertmanager/port.ts'
import { silencePreview, silencePreviewQuery } from '@tidewatch/api/silences.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Answer, type AuditLog, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import { compareAlerts, isResolved } from '../dispatch/held-alert.ts'
import type { Dispatcher } from '../dispatch/live.ts'
import { compareSilences, type Silence, stateOf } from '../silences/silence.ts'
import type { SilenceBook, SilenceWish } from '../silences/silence-book.ts'
import { machineOf } from './alert-routes.ts'
import { apiErrors, apiTime, failure, readFilters, readTime, unprocessable } from './answers.ts'

export interface SilenceRouteParts {
  readonly dispatcher: Dispatcher
  readonly silences: SilenceBook
  readonly clock: Clock
  readonly mode: () => MatcherMode
  readonly audit: AuditLog
}

const common = { errors: 'prometheus', errorBody: apiErrors } as const
const previewPath = '/api/tidewatch/v1/silences/preview'
/** Of those that would be hidden; the number is of all. */
const maxShown = 200

export function createSilenceRoutes(parts: SilenceRouteParts): readonly Route[] {
  const { silences, clock, mode } = parts
  const idOf = ({ params }: RequestContext): string => (params as { readonly id: string }).id
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/api/v2/silences',
      permission: 'view',
      summary: "Alertmanager's list of silences",
      handle({ query }) {
        const filters = readFilters(query, mode())
        const nowMs = clock.nowMs()
        const fits = ({ matcherSets }: Silence): boolean =>
          filters.every(({ name, op, value }) =>
            matcherSets
              .flat()
              .some((matcher) => matcher.name === name && matcher.value === value && opOf(matcher) === op),
          )
        const found = silences.all.filter(fits).sort((a, b) => compareSilences(a, b, nowMs))
        return { body: found.map((silence) => toApi(silence, nowMs)) }
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/api/v2/silences',
      permission: 'edit',
      summary: 'Make a silence, or change one',
      bodyKind: 'json',
      handle: (context) => set(context, parts),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/api/v2/silence/:id',
      permission: 'view',
      summary: 'One silence',
      handle(context) {
        const silence = silences.find(idOf(context))
        return silence === undefined ? failure(404, 'silence not found') : { body: toApi(silence, clock.nowMs()) }
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/api/v2/silence/:id',
      permission: 'edit',
      summary: 'End a silence',
      async handle(context) {
        const id = idOf(context)
        try {
          await silences.end(id)
        } catch (error) {
          // Alertmanager's status for one that has ended already
          if (error instanceof AppError && error.code === 'state.conflict') return failure(500, error.message)
          throw error
        }
        await parts.audit.record({ who: context.identity.name, action: 'silence.end', subject: id })
        return { status: 200 }
      },
    }),
    previewRoute(parts),
  ]
}

function previewRoute({ dispatcher, clock, mode }: SilenceRouteParts): Route {
  return defineRoute({
    errors: 'tidewatch',
    method: 'GET',
    path: previewPath,
    permission: 'view',
    summary: 'What a silence with these matchers would hide now',
    query: silencePreviewQuery,
    response: silencePreview,
    handle({ query }) {
      const matchers = [query.filter].flat().flatMap((text) => parseMatchers(text, mode()))
      if (matchers.length === 0)
        throw new AppError('alerts.bad_silence', 'it has no matchers.', { fix: 'Name at least one: filter=team="db".' })
      const nowMs = clock.nowMs()
      const hidden = [...machineOf(dispatcher).alerts.values()]
        .map(({ alert }) => alert)
        .filter((alert) => !isResolved(alert, nowMs) && matchesLabels(matchers, alert.labels))
      const shown = hidden.toSorted(compareAlerts).slice(0, maxShown)
      return {
        body: {
          matchers: matchers.map(toApiMatcher),
          count: hidden.length,
          alerts: shown.map(({ fingerprint, labels, startsAtMs }) => ({
            ...{ fingerprint, labels: labels.toObject(), startsAtMs },
          })),
        },
      }
    },
  })
}

const opOf = ({ isRegex, isEqual }: Required<ApiMatcher>): string =>
  isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!='

function toApi(silence: Silence, nowMs: number): object {
  const { id, matcherSets, createdBy, comment, annotations } = silence
  const [first = []] = matcherSets
  return {
    id,
    status: { state: stateOf(silence, nowMs) },
    updatedAt: apiTime(silence.updatedAtMs),
    ...{ comment, createdBy },
    endsAt: apiTime(silence.endsAtMs),
    // clients of before sets know one list
    matchers: first,
    ...(matcherSets.length > 1 ? { matcherSets } : {}),
    startsAt: apiTime(silence.startsAtMs),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}

async function set({ body, identity }: RequestContext, { silences, clock, audit }: SilenceRouteParts): Promise<Answer> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return failure(400, 'the body is no silence.')
  const written = body as Readonly<Record<string, unknown>>
  const sets = written.matcherSets ?? (written.matchers === undefined ? undefined : [written.matchers])
  const missing = ['comment', 'createdBy', 'endsAt', 'startsAt'].find((name) => written[name] === undefined)
  if (sets === undefined || sets === null) return unprocessable(602, 'silence.matchers in body is required')
  if (missing !== undefined) return unprocessable(602, `silence.${missing} in body is required`)
  const matcherSets = readSets(sets)
  if (matcherSets.some((matchers) => matchers.length === 0))
    return unprocessable(612, 'silence.matchers in body should have at least 1 items')
  const startsAtMs = readTime(written.startsAt, 'startsAt')
  const endsAtMs = readTime(written.endsAt, 'endsAt')
  const nowMs = clock.nowMs()
  if (endsAtMs === undefined || (startsAtMs ?? nowMs) >= endsAtMs)
    return failure(400, 'Failed to create silence: start time must be before end time')
  if (endsAtMs < nowMs) return failure(400, "Failed to create silence: end time can't be in the past")
  const id = typeof written.id === 'string' && written.id !== '' ? written.id : undefined
  const wish: SilenceWish = {
    ...{ id, matcherSets, startsAtMs, endsAtMs },
    createdBy: readText(written.createdBy, 'createdBy'),
    comment: readText(written.comment, 'comment'),
    annotations: readTexts(written.annotations),
  }
  const silenceID = await silences.set(wish)
  await audit.record({
    who: identity.name,
    action: 'silence.set',
    subject: silenceID,
    detail: { comment: wish.comment },
  })
  return { body: { silenceID } }
}

function readSets(value: unknown): ApiMatcher[][] {
  if (!Array.isArray(value)) throw invalid('matchers is no list.', 'matchers')
  return value.map((set) => {
    if (!Array.isArray(set)) throw invalid('matchers is no list.', 'matchers')
    return set.map(readMatcher)
  })
}

function readMatcher(value: unknown): ApiMatcher {
  if (typeof value !== 'object' || value === null) throw invalid('a matcher is no object.', 'matchers')
  const { name, value: text, isRegex, isEqual } = value as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || typeof text !== 'string')
    throw invalid('a matcher has a name and a value, both texts.', 'matchers')
  if (typeof isRegex !== 'boolean' || (isEqual !== undefined && typeof isEqual !== 'boolean'))
    throw invalid('isRegex and isEqual of a matcher are true or false.', 'matchers')
  return { name, value: text, isRegex, isEqual }
}

function readText(value: unknown, key: string): string {
  if (typeof value !== 'string') throw invalid(`${key} is no text.`, key)
  return value
}

function readTexts(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object') throw invalid('annotations are no object.', 'annotations')
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, readText(text, 'annotations')]))
}

const invalid = (message: string, key: string): AppError => new AppError('http.invalid', message, { where: { key } })
