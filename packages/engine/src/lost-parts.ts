// The engine writes down that it knows an insert before the insert's part has its name, both under one lock. A kill between the two leaves an insert
// that counts as known and is nowhere: repeated, it would be left out. Read before the engine opens the tables, and so before a merge could cover
// the number of such a part. Format: src/Storages/MergeTree/MergeTreeDeduplicationLog.cpp of ClickHouse 26.7.
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const added = '1'
const dropped = '2'

/** A block of rows that a part has, or had. */
interface KnownBlock {
  readonly part: string
  readonly id: string
}

interface PartRange {
  readonly partition: string
  readonly first: number
  readonly last: number
}

/** Makes the tables of the directory forget inserts whose parts are not there, and gives the names of these parts. */
export function forgetLostParts(dataDir: string): readonly string[] {
  const root = join(dataDir, 'data')
  if (!existsSync(root)) return []
  return foldersIn(root).flatMap(foldersIn).flatMap(forgetInTable)
}

/** Links to folders, too: so the engine keeps tables of some databases. */
const foldersIn = (dir: string): readonly string[] =>
  readdirSync(dir)
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isDirectory())

function forgetInTable(dir: string): readonly string[] {
  const logs = join(dir, 'deduplication_logs')
  if (!existsSync(logs)) return []
  const files = readdirSync(logs)
    .map((name) => ({ name, number: Number(/^deduplication_log_(\d+)\.txt$/.exec(name)?.[1] ?? Number.NaN) }))
    .filter(({ number }) => !Number.isNaN(number))
    .sort((a, b) => a.number - b.number)
  const last = files.at(-1)
  if (last === undefined) return []
  const texts = files.map(({ name }) => readFileSync(join(logs, name), 'utf8'))
  const ranges = readdirSync(dir).flatMap((name) => rangeOf(name) ?? [])
  const lost = knownBlocks(texts).filter(({ part }) => {
    const own = rangeOf(part)
    return own !== undefined && !ranges.some((range) => covers(range, own))
  })
  const isWhole = texts.at(-1) === '' || texts.at(-1)?.endsWith('\n') === true
  if (lost.length === 0 || !isWhole) return []
  appendFileSync(join(logs, last.name), lost.map(({ part, id }) => `${dropped}\t${part}\t${id}\n`).join(''))
  return lost.map(({ part }) => part)
}

function knownBlocks(logs: readonly string[]): readonly KnownBlock[] {
  const known = new Map<string, KnownBlock>()
  for (const line of logs.flatMap((log) => log.split('\n'))) {
    const [operation, part = '', id = ''] = line.split('\t')
    if (operation === added) known.set(id, { part, id })
    else if (operation === dropped) known.delete(id)
  }
  return [...known.values()]
}

/** Of `PARTITION_FIRST_LAST_LEVEL`, and `_MUTATION` behind it. */
function rangeOf(name: string): PartRange | undefined {
  const found = /^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$/.exec(name)
  if (found === null) return undefined
  const [, partition = '', first, last] = found
  return { partition, first: Number(first), last: Number(last) }
}

const covers = (whole: PartRange, part: PartRange): boolean =>
  whole.partition === part.partition && whole.first <= part.first && whole.last >= part.last
