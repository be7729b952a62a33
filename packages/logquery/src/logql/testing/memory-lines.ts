// Lines in memory as a source, for tests and benches.
import { Labels } from '@tidewatch/core/labels.ts'
import type { SourceLine } from '../pipeline.ts'
import type { LineSource } from '../source.ts'

export interface MemoryStream {
  readonly labels: Readonly<Record<string, string>>
  readonly lines: readonly {
    readonly timeNs: bigint
    readonly line: string
    readonly metadata?: Readonly<Record<string, string>>
  }[]
}

/** `batchSize`: lines a batch; all streams are given, whatever the selector says. */
export function memoryLines(
  streams: readonly MemoryStream[],
  batchSize = 3,
): LineSource & { readonly given: () => number } {
  const all: SourceLine[] = streams.flatMap(({ labels, lines }) => {
    const stream = Labels.from(labels)
    return lines.map(({ timeNs, line, metadata = {} }) => ({ timeNs, line, stream, metadata: Labels.from(metadata) }))
  })
  all.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0))
  let given = 0
  return {
    given: () => given,
    async *lines({ fromNs, toNs, direction }) {
      const chosen = all.filter(({ timeNs }) => timeNs >= fromNs && timeNs < toNs)
      if (direction === 'backward') chosen.reverse()
      for (let at = 0; at < chosen.length; at += batchSize) {
        const batch = chosen.slice(at, at + batchSize)
        given += batch.length
        yield batch
      }
    },
  }
}
