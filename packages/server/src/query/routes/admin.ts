// Prometheus's TSDB admin API, for administrators. https://prometheus.io/docs/prometheus/latest/querying/api/#tsdb-admin-apis
import { AppError } from '@tidewatch/core/error.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { SampleDeletion } from '../port.ts'
import { badParameter } from '../service.ts'
import { Parameters } from './parameters.ts'
import { parseSelector, scope } from './scope.ts'

/** Every time there is, where none is said. */
const endlessMs = Number.MAX_SAFE_INTEGER
/** Both wait for the store to be done with it; what they began goes on when they do not. */
const timeoutMs = 10 * 60_000

export function createAdminRoutes(deletion: SampleDeletion): Route[] {
  return (['POST', 'PUT'] as const).flatMap((method) => {
    const shared = { method, permission: 'admin', errors: 'prometheus', bodyKind: 'form', timeoutMs } as const
    return [
      defineRoute({
        ...shared,
        path: '/api/v1/admin/tsdb/delete_series',
        summary: 'Delete the samples of series that match, for good',
        handle: (context) => deleteSeries(context, deletion),
      }),
      defineRoute({
        ...shared,
        path: '/api/v1/admin/tsdb/clean_tombstones',
        summary: 'Give the disk back what was deleted',
        async handle({ identity, signal }) {
          await deletion.cleanTombstones({ who: identity.name, signal })
          return { status: 204 }
        },
      }),
    ]
  })
}

async function deleteSeries(context: RequestContext, deletion: SampleDeletion): Promise<Answer> {
  const parameters = new Parameters(context)
  const selectors = parameters.all('match[]')
  if (selectors.length === 0)
    throw new AppError('http.invalid', 'no match[] parameter provided', { where: { key: 'match[]' } })
  const matcherSets = selectors.map(parseSelector)
  const startMs = parameters.timeMs('start', -endlessMs)
  const endMs = parameters.timeMs('end', endlessMs)
  if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start time')
  const { projects, user, signal } = scope(context, parameters)
  await deletion.deleteSeries({ projects, matcherSets, startMs, endMs, who: user, selectors, signal })
  return { status: 204 }
}
