// Lines themselves in a bucket: the first by an order, or some of their fields.
import type { AttributeScalar } from '@tidewatch/core/log-record.ts'
import type { StoredLog } from '../../../../store/port.ts'
import { fault, unsupported } from '../fault.ts'
import { fieldNamed, valuesOf } from '../fields.ts'
import { hitsOf } from '../hits.ts'
import { readPage } from '../lines.ts'
import { type JsonObject, listOf, objectOf, QueryParameters, textOf, wholeNumber } from '../request.ts'
import { readSort, sortValues } from '../sort.ts'
import { readSourceParameters } from '../source.ts'
import type { AggregationReader, AggregationReaders, LineAggregation } from './port.ts'

/** Elasticsearch's `index.max_inner_result_window`. */
const maxHits = 100
const known = ['from', 'size', 'sort', '_source', 'fields', 'docvalue_fields', 'highlight', 'track_scores', 'version']

const topHits: AggregationReader<LineAggregation> = (settings, { path, context }) => {
  for (const key of Object.keys(settings)) if (!known.includes(key)) throw unsupported(`[${key}] in [${path}]`)
  const from = wholeNumber(settings.from ?? 0, `${path}.from`)
  const size = wholeNumber(settings.size ?? 3, `${path}.size`)
  if (from + size > maxHits)
    throw fault(
      'illegal_argument_exception',
      `Top hits result window is too large, [from + size] must be less than or equal to: [${maxHits}] but was [${from + size}]`,
      { path },
    )
  const plan = readSort(settings.sort)
  const body = {
    plan,
    source: readSourceParameters(new QueryParameters({}), settings._source),
    fields: [settings.fields, settings.docvalue_fields],
    highlight: settings.highlight,
    hasVersion: settings.version === true,
  }
  const { scope } = context
  return {
    none: { hits: { total: { value: 0, relation: 'eq' }, max_score: null, hits: [] } },
    async answer(filter) {
      const [lines, count] = await Promise.all([
        readPage(filter, { plan, from, size }, scope),
        scope.queries.reader.count(filter, { signal: scope.signal }),
      ])
      const max_score = plan.hasScore && lines.length > 0 ? 1 : null
      const hits = hitsOf(lines, body, filter.predicate, scope)
      return { hits: { total: { value: count, relation: 'eq' }, max_score, hits } }
    },
  }
}

const topMetrics: AggregationReader<LineAggregation> = (settings, { path, context }) => {
  const names = listOf(settings.metrics ?? []).map((one) =>
    textOf(objectOf(one, `${path}.metrics`).field, `${path}.metrics.field`),
  )
  if (names.length === 0) throw fault('parsing_exception', `[top_metrics] needs [metrics]`, { path })
  const fields = names.map(fieldNamed)
  const size = wholeNumber(settings.size ?? 1, `${path}.size`, 1)
  if (size > maxHits) throw fault('illegal_argument_exception', `[size] of [${path}] is larger than ${maxHits}`)
  const plan = readSort(settings.sort)
  const entry = (line: StoredLog): JsonObject => ({
    sort: sortValues(plan, line).slice(0, plan.keys.length),
    metrics: Object.fromEntries(fields.map((field) => [field.name, firstOf(valuesOf(line.record, field))])),
  })
  return {
    none: { top: [] },
    answer: async (filter) => ({ top: (await readPage(filter, { plan, from: 0, size }, context.scope)).map(entry) }),
  }
}

const firstOf = (values: readonly AttributeScalar[]): AttributeScalar | null => values[0] ?? null

export const lineReaders: AggregationReaders<LineAggregation> = { top_hits: topHits, top_metrics: topMetrics }
