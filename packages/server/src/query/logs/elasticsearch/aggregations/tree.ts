// Aggregations as they were asked for: names, kinds, settings, and what is inside of them.
import { fault, unsupported } from '../fault.ts'
import { isObject, type JsonObject, objectOf } from '../request.ts'
import { bucketReaders } from './bucket-kinds.ts'
import { metricReaders } from './metrics.ts'
import { pipelineReaders } from './pipelines.ts'
import type { AggregationContext, BucketAggregation, LineAggregation, MetricAggregation, Pipeline } from './port.ts'
import { lineReaders } from './top-lines.ts'

interface Named {
  readonly name: string
  readonly meta: unknown
}

export type AggregationNode = Named &
  (
    | { readonly kind: 'bucket'; readonly aggregation: BucketAggregation; readonly inner: Tree }
    | { readonly kind: 'metric'; readonly aggregation: MetricAggregation }
    | { readonly kind: 'lines'; readonly aggregation: LineAggregation }
    | { readonly kind: 'pipeline'; readonly aggregation: Pipeline }
  )

/** What stands in one `aggs`. */
export type Tree = readonly AggregationNode[]

const maxNodes = 200
const maxDepth = 10
const reservedKeys = ['aggs', 'aggregations', 'meta']

export function readTree(aggregations: JsonObject, context: AggregationContext): Tree {
  let nodes = 0
  return read(aggregations, 'aggs', 0)

  function read(object: JsonObject, path: string, depth: number): Tree {
    if (depth > maxDepth)
      throw fault('illegal_argument_exception', `aggregations are nested deeper than ${maxDepth}`, { path })
    return Object.entries(object).map(([name, value]) =>
      readOne(name, objectOf(value, `${path}.${name}`), `${path}.${name}`, depth),
    )
  }

  function readOne(name: string, object: JsonObject, path: string, depth: number): AggregationNode {
    if (++nodes > maxNodes) throw fault('illegal_argument_exception', `there are more than ${maxNodes} aggregations`)
    const kinds = Object.keys(object).filter((key) => !reservedKeys.includes(key))
    const [kind, second] = kinds
    if (kind === undefined) throw fault('parsing_exception', `Missing definition for aggregation [${name}]`, { path })
    if (second !== undefined)
      throw fault(
        'parsing_exception',
        `Found two aggregation type definitions in [${name}]: [${kind}] and [${second}]`,
        { path },
      )
    const settings = objectOf(object[kind], `${path}.${kind}`)
    const inside = object.aggs ?? object.aggregations
    const at = { path: `${path}.${kind}`, context }
    const named = { name, meta: object.meta }
    const bucket = bucketReaders[kind]
    if (bucket !== undefined) {
      if (kind === 'global' && depth > 0)
        throw fault(
          'aggregation_initialization_exception',
          `[global] aggregation [${name}] is only possible at the top`,
          { path },
        )
      return {
        ...named,
        kind: 'bucket',
        aggregation: bucket(settings, at),
        inner: inside === undefined ? [] : read(objectOf(inside, `${path}.aggs`), `${path}.aggs`, depth + 1),
      }
    }
    if (isObject(inside) && Object.keys(inside).length > 0)
      throw fault(
        'aggregation_initialization_exception',
        `Aggregator [${name}] of type [${kind}] cannot accept sub-aggregations`,
        { path },
      )
    const metric = metricReaders[kind]
    if (metric !== undefined) return { ...named, kind: 'metric', aggregation: metric(settings, at) }
    const lines = lineReaders[kind]
    if (lines !== undefined) return { ...named, kind: 'lines', aggregation: lines(settings, at) }
    const pipeline = pipelineReaders[kind]
    if (pipeline !== undefined) return { ...named, kind: 'pipeline', aggregation: pipeline(settings, at) }
    const all = [bucketReaders, metricReaders, lineReaders, pipelineReaders].flatMap((one) => Object.keys(one))
    throw unsupported(`the aggregation type [${kind.slice(0, 60)}]`, `It may be ${all.join(', ')}`)
  }
}
