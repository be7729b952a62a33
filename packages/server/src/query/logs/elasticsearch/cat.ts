// Tables for people and scripts: `_cat`.
import type { Answer } from '../../../http/port.ts'
import { aliasesLike } from './aliases.ts'
import { fault } from './fault.ts'
import { filterOf } from './filter.ts'
import { checkIndices, listIndices, selectIndices } from './indices.ts'
import type { ElasticRequest } from './request.ts'

interface Column {
  readonly name: string
  readonly short: readonly string[]
  readonly isNumber?: boolean
  /** Shown only where it is asked for. */
  readonly isExtra?: boolean
}

type Row = Readonly<Record<string, string>>

const indexColumns: readonly Column[] = [
  { name: 'health', short: ['h'] },
  { name: 'status', short: ['s'] },
  { name: 'index', short: ['i', 'idx'] },
  { name: 'uuid', short: ['id'] },
  { name: 'pri', short: ['p', 'shards.primary'], isNumber: true },
  { name: 'rep', short: ['r', 'shards.replica'], isNumber: true },
  { name: 'docs.count', short: ['dc', 'docsCount'], isNumber: true },
  { name: 'docs.deleted', short: ['dd', 'docsDeleted'], isNumber: true },
  { name: 'store.size', short: ['ss', 'storeSize'], isNumber: true },
  { name: 'pri.store.size', short: [], isNumber: true },
  { name: 'creation.date', short: ['cd'], isNumber: true, isExtra: true },
  { name: 'creation.date.string', short: ['cds'], isExtra: true },
]

export async function catIndices(request: ElasticRequest): Promise<Answer> {
  const { scope, params, query } = request
  const found = await listIndices(params.index, scope)
  if (found.length === 0 && !query.flag('ignore_unavailable'))
    await checkIndices(selectIndices(params.index, scope), scope)
  const rows = found.map(
    ({ name, count, oldestMs }): Row => ({
      ...{ health: 'green', status: 'open', index: name, uuid: name, pri: '1', rep: '0' },
      ...{ 'docs.count': String(count), 'docs.deleted': '0' },
      // lines of all indices lie together: one index has no size of its own
      ...{ 'store.size': '', 'pri.store.size': '' },
      'creation.date': String(Math.floor(oldestMs)),
      'creation.date.string': new Date(oldestMs).toISOString(),
    }),
  )
  return table(request, indexColumns, rows)
}

const named = (...names: readonly string[]): readonly Column[] => names.map((name) => ({ name, short: [] }))

const healthColumns = named(
  ...[
    'epoch',
    'timestamp',
    'cluster',
    'status',
    'node.total',
    'node.data',
    'shards',
    'pri',
    'relo',
    'init',
    'unassign',
  ],
  ...['pending_tasks', 'max_task_wait_time', 'active_shards_percent'],
)

export function catHealth(request: ElasticRequest): Answer {
  const { nowMs } = request.scope
  const row = {
    ...clock(nowMs),
    ...{ cluster: 'tidewatch', status: 'green', 'node.total': '1', 'node.data': '1', shards: '1', pri: '1', relo: '0' },
    ...{ init: '0', unassign: '0', pending_tasks: '0', max_task_wait_time: '-', active_shards_percent: '100.0%' },
  }
  return table(request, healthColumns, [row])
}

const clock = (nowMs: number): Row => ({
  epoch: String(Math.floor(nowMs / 1000)),
  timestamp: new Date(nowMs).toISOString().slice(11, 19),
})

export async function catCount(request: ElasticRequest): Promise<Answer> {
  const { scope, params } = request
  const selection = selectIndices(params.index, scope)
  const filter = filterOf([selection.predicate], scope)
  const count = filter.projects.length === 0 ? 0 : await scope.queries.reader.count(filter, { signal: scope.signal })
  if (count === 0) await checkIndices(selection, scope)
  return table(request, named('epoch', 'timestamp', 'count'), [{ ...clock(scope.nowMs), count: String(count) }])
}

export function catAliases(request: ElasticRequest): Answer {
  const { scope, params } = request
  const wanted = (params.name ?? '*').split(',')
  const shown = new Set(wanted.flatMap((name) => aliasesLike(scope.aliases, name)))
  const rows = [...shown].map(
    ({ name, index, filter, isWriteIndex }): Row => ({
      ...{ alias: name, index, filter: filter === undefined ? '-' : '*', 'routing.index': '-', 'routing.search': '-' },
      is_write_index: isWriteIndex === undefined ? '-' : String(isWriteIndex),
    }),
  )
  return table(request, named('alias', 'index', 'filter', 'routing.index', 'routing.search', 'is_write_index'), rows)
}

/** Chosen columns (`h`), sorted (`s`), with their names (`v`); as JSON with `format=json`, or where the caller accepts that alone. */
function table({ query, headers }: ElasticRequest, columns: readonly Column[], rows: readonly Row[]): Answer {
  if (query.flag('help'))
    return { body: columns.map(({ name, short }) => `${name} | ${short.join(',')} | \n`).join('') }
  const find = (name: string): Column | undefined =>
    columns.find((one) => one.name === name || one.short.includes(name))
  const wanted = query.list('h')
  const shown =
    wanted === undefined
      ? columns.filter(({ isExtra }) => isExtra !== true)
      : wanted.flatMap((name) => find(name) ?? [])
  const sorted = [...rows]
  for (const one of (query.list('s') ?? []).toReversed()) {
    const [name = '', way = 'asc'] = one.split(':', 2)
    const column = find(name)
    if (column === undefined)
      throw fault('unsupported_operation_exception', `Unable to sort by unknown sort key \`${name.slice(0, 60)}\``)
    const order = (a: Row, b: Row): number => compare(a[column.name] ?? '', b[column.name] ?? '', column)
    sorted.sort((a, b) => (way === 'desc' ? order(b, a) : order(a, b)))
  }
  const format = query.text('format')
  if (format === 'json' || (format === undefined && isJson(String(headers.accept ?? ''))))
    return { body: sorted.map((row) => Object.fromEntries(shown.map(({ name }) => [name, row[name] ?? null]))) }
  if (format !== undefined && format !== 'text' && format !== 'txt')
    throw fault('illegal_argument_exception', `the format [${format.slice(0, 40)}] is not supported here`, {
      fix: 'Use json or text',
    })
  return { body: printed(shown, sorted, query.flag('v')) }
}

const isJson = (accept: string): boolean => accept.includes('json') && !accept.includes('text/plain')

const compare = (a: string, b: string, { isNumber }: Column): number =>
  isNumber === true ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0

function printed(columns: readonly Column[], rows: readonly Row[], hasHead: boolean): string {
  const lines = rows.map((row) => columns.map(({ name }) => row[name] ?? ''))
  if (hasHead) lines.unshift(columns.map(({ name }) => name))
  const widths = columns.map((_, i) => lines.reduce((most, line) => Math.max(most, line[i]?.length ?? 0), 0))
  const cell = (text: string, i: number): string =>
    columns[i]?.isNumber === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)
  return lines.map((line) => `${line.map(cell).join(' ').trimEnd()}\n`).join('')
}
