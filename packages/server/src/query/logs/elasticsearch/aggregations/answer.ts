// Aggregations answered: each bucket aggregation is one question to the store, by all groups around it and its own; what is inside of its buckets is
// asked for all of them at once.
import { earlierNs, laterNs } from '@tidewatch/core/nanoseconds.ts'
import type { LogAggregation, LogFilter, LogGroup, LogGroupRow, LogMeasure } from '../../../../store/port.ts'
import { fault } from '../fault.ts'
import { filterOf } from '../filter.ts'
import type { ElasticScope, JsonObject } from '../request.ts'
import { tooManyBuckets } from './histograms.ts'
import { orderRows } from './order.ts'
import {
  type AggregationContext,
  type Answers,
  type Bucket,
  type BucketPlan,
  type BucketSpan,
  type BuiltBuckets,
  type MetricAggregation,
  maxBuckets,
} from './port.ts'
import { type AggregationNode, readTree, type Tree } from './tree.ts'

/** Buckets that aggregations of lines themselves are answered for: each is a search. */
const maxLineBuckets = 1000

type NodeOf<Kind extends AggregationNode['kind']> = Extract<AggregationNode, { readonly kind: Kind }>

/** Buckets at one place of the tree, of all the buckets around them. */
interface Level {
  readonly filter: LogFilter
  readonly groups: readonly LogGroup[]
  readonly buckets: readonly OpenBucket[]
}

interface OpenBucket {
  /** Its keys in the rows of the level's groups. */
  readonly keys: readonly string[]
  readonly filter: LogFilter
  readonly answers: Answers
  readonly span: BucketSpan | undefined
}

/** Undefined where nothing is asked. */
export async function answerAggregations(
  aggregations: JsonObject,
  { filter, whole, scope }: { readonly filter: LogFilter; readonly whole: LogFilter; readonly scope: ElasticScope },
): Promise<object | undefined> {
  if (Object.keys(aggregations).length === 0) return undefined
  let extent: ReturnType<AggregationContext['extentMs']> | undefined
  const context: AggregationContext = {
    ...{ scope, filter, whole },
    extentMs: () => (extent ??= extentMs(filter, scope)),
  }
  const tree = readTree(aggregations, context)
  const answers: Answers = Object.create(null)
  const root: Level = { filter, groups: [], buckets: [{ keys: [], filter, answers, span: undefined }] }
  await new Answering(scope).fill(tree, root)
  for (const node of tree)
    if (node.kind === 'pipeline')
      throw fault(
        'action_request_validation_exception',
        `[${node.name}] must be inside of a histogram or another aggregation of buckets`,
      )
  return answers
}

async function extentMs(filter: LogFilter, { queries, signal }: ElasticScope) {
  if (filter.projects.length === 0) return undefined
  const field = { kind: 'column', column: 'time' } as const
  const measures = [
    { kind: 'min', field },
    { kind: 'max', field },
  ] as const
  const [row] = await queries.reader.aggregate(filter, { groups: [], measures, limit: 1 }, { signal })
  const [oldest, newest] = row?.values ?? []
  return typeof oldest === 'number' && typeof newest === 'number' ? { oldest, newest } : undefined
}

/** Lines of a bucket; NaN of the whole search, where nobody asked. */
const countIn = ({ doc_count }: Answers): number => Number(doc_count)

const keyOf = (keys: readonly string[]): string => keys.join('\u0001')

class Answering {
  readonly #scope: ElasticScope
  #buckets = 0

  constructor(scope: ElasticScope) {
    this.#scope = scope
  }

  /** Writes the answers of the tree into the level's buckets; pipelines are for who knows the order of buckets. */
  async fill(tree: Tree, level: Level): Promise<void> {
    if (level.buckets.length === 0) return
    for (const node of tree) {
      // so that answers come in the order of the questions
      for (const { answers } of level.buckets) if (node.kind !== 'pipeline') answers[node.name] = undefined
    }
    await this.#measure(
      tree.filter((node) => node.kind === 'metric'),
      level,
    )
    for (const node of tree) {
      if (node.kind === 'bucket') await this.#divide(node, level)
      if (node.kind === 'lines') await this.#lines(node, level)
      if (node.meta !== undefined && node.kind !== 'pipeline')
        for (const { answers } of level.buckets) answers[node.name] = { meta: node.meta, ...Object(answers[node.name]) }
    }
  }

  async #rows(filter: LogFilter, aggregation: LogAggregation): Promise<readonly LogGroupRow[]> {
    const { queries, signal } = this.#scope
    return filter.projects.length === 0 ? [] : await queries.reader.aggregate(filter, aggregation, { signal })
  }

  async #measure(nodes: readonly NodeOf<'metric'>[], level: Level): Promise<void> {
    if (nodes.length === 0) return
    const measures = nodes.flatMap(({ aggregation }) => aggregation.measures)
    const rows = await this.#rows(level.filter, { groups: level.groups, measures, limit: maxBuckets + 1 })
    const byKey = new Map(rows.map((row) => [keyOf(row.keys), row]))
    let first = 0
    for (const { name, aggregation } of nodes) {
      const last = first + aggregation.measures.length
      const counts = await this.#counts(aggregation, level)
      for (const { keys, answers, span } of level.buckets) {
        const values = byKey.get(keyOf(keys))?.values.slice(first, last)
        answers[name] =
          aggregation.answerCounts?.(values, counts(keys)) ??
          aggregation.answer(values, { count: countIn(answers), span })
      }
      first = last
    }
  }

  async #counts({ filters }: MetricAggregation, level: Level): Promise<(keys: readonly string[]) => readonly number[]> {
    if (filters === undefined) return () => []
    const groups: LogGroup[] = [...level.groups, { kind: 'predicates', of: filters }]
    const rows = await this.#rows(level.filter, { groups, measures: [], limit: maxBuckets * 2 })
    const byKey = new Map(rows.map(({ keys, count }) => [keyOf(keys), count]))
    return (keys) => filters.map((_, i) => byKey.get(keyOf([...keys, String(i)])) ?? 0)
  }

  async #lines({ name, aggregation }: NodeOf<'lines'>, { buckets }: Level): Promise<void> {
    const filled = buckets.filter(({ answers }) => countIn(answers) !== 0)
    if (filled.length > maxLineBuckets)
      throw fault(
        'too_many_buckets_exception',
        `[${name}] would be answered for ${filled.length} buckets; at most ${maxLineBuckets} are possible`,
      )
    for (const { answers } of buckets) answers[name] = aggregation.none
    for (const { filter, answers } of filled) answers[name] = await aggregation.answer(filter)
  }

  async #divide(node: NodeOf<'bucket'>, level: Level): Promise<void> {
    const plan = await node.aggregation.plan()
    const outer =
      plan.filter ??
      (plan.narrow === undefined ? level.filter : filterOf([level.filter.predicate, plan.narrow], level.filter))
    const groups = [...level.groups, ...plan.groups]
    const rows = await this.#groupRows(node, plan, { ...level, filter: outer })
    const depth = level.groups.length
    const byParent = Map.groupBy(rows, ({ keys }) => keyOf(keys.slice(0, depth)))
    const inner: OpenBucket[] = []
    const lists: Answers[][] = []
    for (const parent of level.buckets) {
      const own = (byParent.get(keyOf(parent.keys)) ?? []).map((row) => ({ ...row, keys: row.keys.slice(depth) }))
      const built = plan.build(own)
      const list: Answers[] = []
      for (const bucket of built.buckets) {
        const open = openBucket(bucket, parent, plan)
        inner.push(open)
        list.push(open.answers)
      }
      if (plan.isSingle !== true) this.#take(built.buckets.length)
      lists.push(list)
      parent.answers[node.name] = listAnswer(list, built, plan)
    }
    const narrowed = narrowedTo(inner, outer, depth === 0)
    await this.fill(node.inner, { filter: narrowed, groups, buckets: inner })
    for (const list of lists) reckon(node.inner, list)
    await this.#countOthers(plan, node.name, { level, outer })
  }

  #take(buckets: number): void {
    this.#buckets += buckets
    if (this.#buckets > maxBuckets) throw tooManyBuckets(this.#buckets)
  }

  /** The rows of a bucket aggregation, those of each bucket around it in the order that it wants. */
  async #groupRows(node: NodeOf<'bucket'>, plan: BucketPlan, level: Level): Promise<readonly LogGroupRow[]> {
    const groups = [...level.groups, ...plan.groups]
    if (plan.top === undefined) {
      const rows = await this.#rows(level.filter, { groups, measures: [], limit: maxBuckets + 1 })
      if (rows.length > maxBuckets) throw tooManyBuckets(`more than ${maxBuckets}`)
      return rows
    }
    const { order, size, mayBeNumbers = false } = plan.top
    const ordered = orderRows(order, node.inner)
    const canCut =
      level.groups.length === 0 && ordered.inStore !== undefined && !(mayBeNumbers && order[0]?.by === 'key')
    const limit = canCut ? size : maxBuckets + 1
    const rows = await this.#rows(level.filter, {
      ...{ groups, measures: ordered.measures, limit },
      ...(canCut && ordered.inStore !== undefined ? { order: ordered.inStore } : {}),
    })
    if (rows.length > maxBuckets) throw tooManyBuckets(`more than ${maxBuckets}`)
    return plan.groups.length > 1 ? rows : ordered.sort(rows)
  }

  /** Lines of the values that the answer leaves out, where the store left them out. */
  async #countOthers(
    { othersOf, top }: BucketPlan,
    name: string,
    { level, outer }: { readonly level: Level; readonly outer: LogFilter },
  ): Promise<void> {
    const [parent] = level.buckets
    if (othersOf === undefined || top === undefined || level.groups.length > 0 || parent === undefined) return
    const answer = parent.answers[name] as { readonly buckets: readonly Answers[] } & JsonObject
    if (answer.buckets.length < top.size) return
    const measures: readonly LogMeasure[] = [othersOf]
    const [row] = await this.#rows(outer, { groups: [], measures, limit: 1 })
    const shown = answer.buckets.reduce((sum, { doc_count }) => sum + Number(doc_count), 0)
    parent.answers[name] = { ...answer, sum_other_doc_count: Math.max(0, Number(row?.values[0] ?? 0) - shown) }
  }
}

function openBucket(
  { keys, count, head, name, predicate, span }: Bucket,
  parent: OpenBucket,
  plan: BucketPlan,
): OpenBucket {
  const answers: Answers = Object.assign(Object.create(null), head, { doc_count: count })
  // buckets that are answered by name do not say it again; only who builds the list sees it
  if (name !== undefined) names.set(answers, name)
  const filter = filterOf([(plan.filter ?? parent.filter).predicate, predicate], parent.filter)
  return { keys: [...parent.keys, ...keys], filter, answers, span: span ?? parent.span }
}

const names = new WeakMap<Answers, string>()

function listAnswer(list: readonly Answers[], { more = {} }: BuiltBuckets, { isNamed, isSingle }: BucketPlan): unknown {
  if (isSingle === true) return list[0]
  if (isNamed !== true) return { ...more, buckets: list }
  return { ...more, buckets: Object.fromEntries(list.map((one, i) => [names.get(one) ?? String(i), one])) }
}

/** Of lines that can be in one of a few buckets, where these are not all there are. */
function narrowedTo(buckets: readonly OpenBucket[], outer: LogFilter, isFirst: boolean): LogFilter {
  if (!isFirst || buckets.length === 0 || buckets.length > 100) return outer
  const [fromNs, toNs] = [
    buckets.reduce((least, { filter }) => earlierNs(filter.fromNs, least), outer.toNs),
    buckets.reduce((most, { filter }) => laterNs(filter.toNs, most), outer.fromNs),
  ]
  const own = buckets.map(({ filter }) => filter.predicate)
  // what all of them share stands in each of them: only the kinds that are one equality are worth saying
  return own.length === 1
    ? { ...outer, predicate: own[0] ?? outer.predicate, fromNs, toNs }
    : { ...outer, fromNs, toNs }
}

/** Pipelines over the buckets of one list, each after those that it needs. */
function reckon(tree: Tree, list: readonly Answers[]): void {
  let open = tree.filter((node) => node.kind === 'pipeline')
  const isOpen = (name: string): boolean => open.some((node) => node.name === name)
  while (open.length > 0) {
    const ready = open.filter(({ aggregation }) => !aggregation.needs.some(isOpen))
    if (ready.length === 0)
      throw fault(
        'illegal_argument_exception',
        `Cycle found with aggregations [${open.map(({ name }) => name).join(', ')}]`,
      )
    for (const { name, aggregation } of ready) {
      for (const need of aggregation.needs)
        if (!tree.some((node) => node.name === need))
          throw fault(
            'action_request_validation_exception',
            `No aggregation found for path [${need}], which [${name}] names`,
          )
      for (const [i, answer] of aggregation.reckon(list).entries())
        if (answer !== undefined && list[i] !== undefined) list[i][name] = answer
    }
    open = open.filter((node) => !ready.includes(node))
  }
}
