// Lines as the documents that senders know them by.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { testOf } from '@tidewatch/logquery/predicate.ts'
import type { StoredLog } from '../../../store/port.ts'
import type { LogQueries } from '../log-queries.ts'
import { filterOf } from './filter.ts'
import { selectIndices } from './indices.ts'
import { idField } from './source.ts'

const dayNs = 86_400_000_000_000n
const hasId = testOf({ kind: 'attribute', name: idField }, { op: 'exists' })

interface Cancellable {
  readonly signal: AbortSignal
}

export function createStoredDocuments({ reader, projects: known }: LogQueries, clock: Pick<Clock, 'nowMs'>) {
  return {
    async has(projects: readonly ProjectId[], index: string, { signal }: Cancellable): Promise<boolean> {
      const { predicate } = selectIndices(index, { nowMs: clock.nowMs(), aliases: [] })
      return (await reader.count(filterOf([predicate], { projects }), { signal })) > 0
    },
    async *newest({ limit, signal }: Cancellable & { readonly limit: number }): AsyncGenerator<StoredLog> {
      const projects = known('all')
      if (projects.length === 0) return
      const nowNs = BigInt(clock.nowMs()) * 1_000_000n
      const range = { fromNs: nowNs - dayNs, toNs: nowNs + dayNs }
      const search = { projects, predicate: hasId, ...range, direction: 'backward', limit } as const
      for await (const { lines } of reader.search(search, { signal })) yield* lines
    },
  }
}
