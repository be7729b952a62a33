import type { SpoolFrame } from '../spool/port.ts'

/** One insert to be made: a table's sections of some frames, and of their rows those of some partitions. */
export interface LoadJob {
  readonly table: string
  /** Frames from first to last. */
  readonly first: number
  readonly last: number
  /** Rows whose partition number modulo `of` is `part`: all, while `of` is 1. */
  readonly of: number
  readonly part: number
}

/** Beyond it a split by partitions is given up: a frame with so many days is damage. */
const maxSplit = 65_536

/**
 * A segment's inserts: by table in the given order, each of at most about `maxBytes`, as few as possible. The same frames always give
 * the same jobs. A table that is not among the known ones comes last.
 */
export function planLoad(
  frames: readonly SpoolFrame[],
  tables: readonly string[],
  maxBytes: (table: string) => number,
): LoadJob[] {
  const open = new Map<string, { first: number; last: number; bytes: number }>()
  const jobs: LoadJob[] = []
  const close = (table: string): void => {
    const span = open.get(table)
    if (span !== undefined) jobs.push({ table, first: span.first, last: span.last, of: 1, part: 0 })
    open.delete(table)
  }
  for (const { index, sections } of frames) {
    for (const { table, bytes } of sections) {
      const span = open.get(table)
      if (span !== undefined && span.last !== index && span.bytes + bytes.length > maxBytes(table)) close(table)
      const into = open.get(table) ?? { first: index, last: index, bytes: 0 }
      into.last = index
      into.bytes += bytes.length
      open.set(table, into)
    }
  }
  for (const table of open.keys()) close(table)
  const rank = (job: LoadJob): number => (tables.includes(job.table) ? tables.indexOf(job.table) : tables.length)
  return jobs.sort((a, b) => rank(a) - rank(b) || a.first - b.first)
}

/** The two halves of a job by frames; undefined where it is a single frame. */
export function halveByFrames(job: LoadJob): readonly [LoadJob, LoadJob] | undefined {
  if (job.first === job.last) return undefined
  const middle = job.first + Math.floor((job.last - job.first) / 2)
  return [
    { ...job, last: middle },
    { ...job, first: middle + 1 },
  ]
}

/** The two halves of a job by partitions; undefined where it has been split enough. */
export function halveByPartitions(job: LoadJob): readonly [LoadJob, LoadJob] | undefined {
  const of = job.of * 2
  if (of > maxSplit) return undefined
  return [
    { ...job, of },
    { ...job, of, part: job.part + job.of },
  ]
}

/** Names a job for good, and with the segment's id in all the world: what its insert is known by when it is repeated. */
export function jobToken(uid: string, { table, first, last, of, part }: LoadJob): string {
  return `${uid}-${table}-${first}-${last}-${of}-${part}`
}

/** A job's sections: the bytes, one after the other, and how many rows they hold. */
export function jobSections(
  frames: readonly SpoolFrame[],
  { table, first, last }: LoadJob,
): { bytes: Uint8Array[]; rows: number } {
  const bytes: Uint8Array[] = []
  let rows = 0
  for (const { sections } of frames.slice(first, last + 1)) {
    for (const section of sections) {
      if (section.table !== table || section.bytes.length === 0) continue
      bytes.push(section.bytes)
      rows += section.rows
    }
  }
  return { bytes, rows }
}

export function printJobs(jobs: readonly LoadJob[]): string {
  return JSON.stringify(jobs.map(({ table, first, last, of, part }) => [table, first, last, of, part]))
}

/** Undefined where the text is no list of jobs: then the plan is made again. */
export function parseJobs(text: string): LoadJob[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (!Array.isArray(parsed)) return undefined
    const jobs: LoadJob[] = []
    for (const entry of parsed) {
      if (!Array.isArray(entry)) return undefined
      const [table, ...numbers]: unknown[] = entry
      if (typeof table !== 'string' || numbers.length !== 4 || !numbers.every(Number.isSafeInteger)) return undefined
      const [first, last, of, part] = numbers.map(Number) as [number, number, number, number]
      jobs.push({ table, first, last, of, part })
    }
    return jobs
  } catch {
    // not JSON
    return undefined
  }
}
