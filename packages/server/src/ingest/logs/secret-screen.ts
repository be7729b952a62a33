// Whether a line may hold a secret, by its fields: names are judged once, and of the values only those bytes are scanned that the redactor would look
// at (bench/src/ingest-logs.ts).
import { logColumns } from '@tidewatch/core/log-fields.ts'
import type { Redactor } from '@tidewatch/redact/kinds.ts'
import type { FieldTable } from './field-table.ts'
import { fieldKind } from './json-scanner.ts'
import type { LineDecoder } from './line-decoder.ts'

const timeColumn = logColumns.indexOf('time')
const traceColumn = logColumns.indexOf('traceId')
const spanColumn = logColumns.indexOf('spanId')
/** The shortest card. Shorter numbers hold nothing. */
export const shortestNumber = 13
/** Nothing that is looked for within a text is shorter. */
export const shortestText = 6

const fine = 1
const hides = 2

/** Whether the redactor might change the line that the decoder scanned and named. Says so too often rather than too seldom. */
export function mayHoldSecret(
  bytes: Uint8Array,
  { scanner, ids }: LineDecoder,
  fields: FieldTable,
  redactor: Redactor,
): boolean {
  follow(fields, redactor)
  for (let i = 0; i < scanner.count; i++) {
    const kind = scanner.kind[i]
    const from = scanner.valueFrom[i]
    const to = scanner.valueTo[i]
    if (kind === fieldKind.container) {
      // a row of words may go through the elements of an array: it is asked as a whole
      if (bytes[from] === 0x5b && redactor.mayHold(bytes, from, to)) return true
      continue
    }
    if (kind === fieldKind.null || kind === fieldKind.boolean) continue
    const id = ids[i]
    if (isHidden(id, fields, redactor)) return true
    if (to - from < (kind === fieldKind.number ? shortestNumber : shortestText)) continue
    if (!isHarmlessColumn(bytes, from, to, fields.column[id]) && redactor.mayHold(bytes, from, to)) return true
  }
  return false
}

/** Whether a value of that name is masked for its name alone. */
export function isHiddenName(id: number, fields: FieldTable, redactor: Redactor): boolean {
  follow(fields, redactor)
  return isHidden(id, fields, redactor)
}

function isHidden(id: number, fields: FieldTable, redactor: Redactor): boolean {
  const known = fields.hidden[id]
  if (known !== 0) return known === hides
  const name = Buffer.from(fields.names.subarray(fields.from[id], fields.to[id])).toString()
  const isHidden = redactor.hidesName(name)
  fields.hidden[id] = isHidden ? hides : fine
  return isHidden
}

/** What is known of names is a redactor's judgement: another one judges anew. */
function follow(fields: FieldTable, redactor: Redactor): void {
  if (fields.judge === redactor) return
  fields.hidden.fill(0)
  fields.judge = redactor
}

/** A time in the form of ISO 8601, and an id of a trace or span. */
function isHarmlessColumn(bytes: Uint8Array, from: number, to: number, column: number): boolean {
  if (column === timeColumn) return to - from <= 35 && bytes[from + 4] === 0x2d && bytes[from + 7] === 0x2d
  if (column !== traceColumn && column !== spanColumn) return false
  return to - from <= 32 && isShortHex(bytes, from, to)
}

const isNoHex = 1 << 15
const hexKinds = Uint16Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x30 && byte <= 0x39) return 1
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? 0 : isNoHex
})
/** The newest bytes are all digits. */
const cardDigits = (1 << shortestNumber) - 1

/** Hexadecimal digits of which no row is as long as a card's. Without branches: whether one is a letter cannot be foreseen. */
export function isShortHex(bytes: Uint8Array, from: number, to: number): boolean {
  let digits = 0
  let all = 0
  let rows = 0
  for (let i = from; i < to; i++) {
    const kind = hexKinds[bytes[i]]
    all |= kind
    digits = ((digits << 1) | kind) & cardDigits
    rows |= (digits + 1) >> shortestNumber
  }
  return rows === 0 && (all & isNoHex) === 0
}
