// How many lines each service brings, by level: a metric of its own, so that the volume of logs has a past that rules compare it with.
// Called once a stored request, its loop once a line (bench/src/ingest-logs.ts).
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { logIdentityFields } from '@tidewatch/core/log-record.ts'
import { severityWord, severityWords } from '@tidewatch/core/log-severity.ts'
import { TextNumbers, TextNumberWalk } from '@tidewatch/core/text-numbers.ts'
import type { Counter, Metrics } from '../../self/port.ts'
import type { LogIntake } from './port.ts'

/** Services with counts of their own; all others are counted together. */
export const maxCountedServices = 500
/** What stands for the services beyond them, and for lines that name none. */
export const otherServices = '_other'
const unnamed = 'unknown'

const levels = [unnamed, ...severityWords] as const
const levelOfSeverity = Uint8Array.from({ length: 25 }, (_, severity) =>
  Math.max(0, levels.indexOf(severityWord(severity) ?? unnamed)),
)
const serviceColumn = logIdentityFields.indexOf('service')

/** Counts as long as it is not disposed of; `tidewatch_log_lines_total{service,level}` is brought up to date when it is read. */
export function countLogLines(metrics: Metrics, intake: Pick<LogIntake, 'subscribe'>): Disposable {
  const counts = new LineCounts()
  const family = metrics.counter({
    name: 'tidewatch_log_lines_total',
    help: 'Lines of logs that were acknowledged, by service and level.',
    labels: ['service', 'level'],
  })
  const cells = new Map<number, Counter>()
  metrics.beforeRead(() => {
    counts.drain((service, level, lines) => {
      const key = service * levels.length + level
      const cell = cells.get(key) ?? family.with(counts.nameOf(service), levels[level] ?? unnamed)
      cells.set(key, cell)
      cell.add(lines)
    })
  })
  return intake.subscribe((_project, batch) => counts.add(batch))
}

/** Lines since they were taken last. */
export class LineCounts {
  readonly #numbers = new TextNumbers(maxCountedServices)
  /** A service's levels side by side; the last row is all other services'. */
  readonly #counts = new Float64Array((maxCountedServices + 1) * levels.length)

  add(batch: LogBatch): void {
    const { severities, length, identity } = batch
    const walk = new TextNumberWalk((identity[serviceColumn] as (typeof identity)[number]).texts, this.#numbers)
    for (let row = 0; row < length; row++) {
      const service = walk.next()
      const at = (service < 0 ? maxCountedServices : service) * levels.length
      const level = levelOfSeverity[severities[row] as number] ?? 0
      this.#counts[at + level] = (this.#counts[at + level] as number) + 1
    }
  }

  drain(each: (service: number, level: number, lines: number) => void): void {
    const counts = this.#counts
    for (let service = 0; service <= maxCountedServices; service++) {
      if (service === this.#numbers.size) service = maxCountedServices
      for (let level = 0; level < levels.length; level++) {
        const at = service * levels.length + level
        const lines = counts[at] as number
        if (lines === 0) continue
        counts[at] = 0
        each(service, level, lines)
      }
    }
  }

  nameOf(service: number): string {
    if (service === maxCountedServices) return otherServices
    const name = this.#numbers.text(service)
    return name === '' ? unnamed : name
  }
}
