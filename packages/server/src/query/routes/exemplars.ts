// https://prometheus.io/docs/prometheus/latest/querying/api/#querying-exemplars
import { selectorsOf } from '@tidewatch/promql/selectors.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import { numberText } from '../number-text.ts'
import type { ExemplarQueries, SeriesExemplars } from '../port.ts'
import { badParameter } from '../service.ts'
import { Parameters } from './parameters.ts'
import { scope } from './scope.ts'

/** What a query may speak of where it says no times. */
const endlessMs = Number.MAX_SAFE_INTEGER
const path = '/api/v1/query_exemplars'
const summary = 'Exemplars of the series that an expression selects'

export function createExemplarRoutes(exemplars: ExemplarQueries): Route[] {
  const handle = (context: RequestContext): Promise<Answer> => queryExemplars(context, exemplars)
  const shared = { path, permission: 'view', errors: 'prometheus', summary, handle } as const
  return [defineRoute({ method: 'GET', ...shared }), defineRoute({ method: 'POST', bodyKind: 'form', ...shared })]
}

async function queryExemplars(context: RequestContext, exemplars: ExemplarQueries): Promise<Answer> {
  const parameters = new Parameters(context)
  const startMs = parameters.timeMs('start', -endlessMs)
  const endMs = parameters.timeMs('end', endlessMs)
  if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start timestamp')
  const matcherSets = selectorsOf(parameters.expression())
  // then Prometheus has no data to answer, not even an empty list
  if (matcherSets.length === 0) return { status: 204 }
  const limit = parameters.limit()
  const found = await exemplars.query({ ...scope(context, parameters), matcherSets, startMs, endMs, limit })
  const notes = found.isCut ? { warnings: ['results truncated due to limit'] } : {}
  return { body: { status: 'success', data: found.series.map(shown), ...notes } }
}

function shown({ labels, exemplars }: SeriesExemplars): object {
  return {
    seriesLabels: labels.toObject(),
    exemplars: exemplars.map(({ example, value, timeMs }) => ({
      labels: objectOf(example),
      value: numberText(value),
      timestamp: timeMs / 1000,
    })),
  }
}

function objectOf(flat: readonly string[]): Readonly<Record<string, string>> {
  // without a prototype: a label may be called __proto__
  const object: Record<string, string> = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) object[flat[i] as string] = flat[i + 1] as string
  return object
}
