import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { TextColumn, TextMapColumn } from '@tidewatch/core/text-columns.ts'
import { ByteSink } from './native-encode.ts'
import type { LogTableEncoder } from './port.ts'
import { logsTable } from './tables/logs.ts'

/** Lines as a section: its parts are the batch's own columns, nothing is copied. */
export function createLogTableEncoder(): LogTableEncoder {
  return {
    lines(project, batch, numbers) {
      const data = columnParts(project, batch, numbers)
      if (data.length !== logsTable.incoming.length) throw new Error('the columns of logs are not those of their table')
      const parts = logsTable.incoming.flatMap(({ name, type }, i) => {
        const head = new ByteSink((name.length + type.length) * 3 + 40)
        if (i === 0) {
          head.varint(data.length)
          head.varint(batch.length)
        }
        head.string(name)
        head.string(type)
        return [head.take(), ...(data[i] as readonly Uint8Array[])]
      })
      return { table: logsTable.name, parts, rows: batch.length }
    },
  }
}

/** In the order of the table's incoming columns. */
function columnParts(project: ProjectId, batch: LogBatch, numbers: Uint32Array): (readonly Uint8Array[])[] {
  const rows = batch.length
  return [
    [bytesOf(new Uint32Array(rows).fill(project), rows)],
    [bytesOf(batch.keepDays, rows)],
    [bytesOf(batch.times, rows * 2)],
    [bytesOf(numbers, rows * 2)],
    [bytesOf(batch.severities, rows)],
    texts(batch.severityText),
    texts(batch.body),
    ...batch.identity.map(texts),
    map(batch.resource, rows),
    map(batch.attributes, rows),
    texts(batch.kinds),
    texts(batch.spelling),
  ]
}

const texts = (column: TextColumn): Uint8Array[] => [column.texts.view()]

const map = ({ ends, names, values }: TextMapColumn, rows: number): Uint8Array[] => [
  bytesOf(ends, rows * 2),
  names.view(),
  values.view(),
]

const bytesOf = (column: Uint8Array | Uint16Array | Uint32Array, length: number): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, length * column.BYTES_PER_ELEMENT)
