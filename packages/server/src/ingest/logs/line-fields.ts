// What a message says of itself where it is JSON or logfmt, while it stays the text that it is. Once a line.
import { logColumns } from '@tidewatch/core/log-fields.ts'
import type { FieldTable } from './field-table.ts'
import { fieldKind, type JsonScanner } from './json-scanner.ts'

const traceColumn = logColumns.indexOf('traceId')
const spanColumn = logColumns.indexOf('spanId')
const bodyColumn = logColumns.indexOf('body')
/** So far into a line logfmt is looked for. */
const maxLogfmtBytes = 4096
/** Longer texts are no ids. */
const maxIdBytes = 256

/** Where the values stand that have columns of their own: of each column the first. Time and message are the line's, whatever it says within. */
export class LineFields {
  /** By the place in `logColumns`; -1 where there is none. */
  readonly from = new Int32Array(logColumns.length)
  readonly to = new Int32Array(logColumns.length)
  readonly #scanner: JsonScanner

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner
  }

  find(bytes: Uint8Array, from: number, to: number, fields: FieldTable): void {
    this.from.fill(-1)
    let at = from
    while (at < to && bytes[at] <= blank) at++
    if (bytes[at] === 0x7b) this.#findInJson(bytes, at, to, fields)
    else this.#findInLogfmt(bytes, at, Math.min(to, at + maxLogfmtBytes), fields)
  }

  #findInJson(bytes: Uint8Array, from: number, to: number, fields: FieldTable): void {
    const scanner = this.#scanner
    if (!scanner.scan(bytes, from, to)) return
    for (let i = 0; i < scanner.count; i++) {
      const kind = scanner.kind[i]
      if ((kind !== fieldKind.string && kind !== fieldKind.number) || scanner.element[i] === 1) continue
      const id = scanner.escaped[i] === 1 ? -1 : fields.find(scanner, i, bytes)
      if (id >= 0) this.#note(bytes, fields.column[id], scanner.valueFrom[i], scanner.valueTo[i])
    }
  }

  #findInLogfmt(bytes: Uint8Array, from: number, to: number, fields: FieldTable): void {
    let equals = bytes.indexOf(0x3d, from)
    while (equals >= 0 && equals < to) {
      let keyFrom = equals
      while (keyFrom > from && bytes[keyFrom - 1] > blank && bytes[keyFrom - 1] !== quote) keyFrom--
      const isQuoted = bytes[equals + 1] === quote
      const valueFrom = equals + (isQuoted ? 2 : 1)
      let valueTo = valueFrom
      while (
        valueTo < to &&
        (isQuoted ? bytes[valueTo] !== quote && bytes[valueTo] !== backslash : bytes[valueTo] > blank)
      )
        valueTo++
      const isWhole = !isQuoted || bytes[valueTo] === quote
      const id = keyFrom < equals && isWhole ? fields.findText(bytes, keyFrom, equals) : -1
      if (id >= 0) this.#note(bytes, fields.column[id], valueFrom, valueTo)
      equals = bytes.indexOf(0x3d, Math.max(valueTo, equals + 1))
    }
  }

  #note(bytes: Uint8Array, column: number, from: number, to: number): void {
    if (column < 0 || column === bodyColumn || this.from[column] >= 0) return
    if (to === from || to - from > maxIdBytes) return
    // `trace=on` is no id of a trace
    if ((column === traceColumn || column === spanColumn) && !isHexId(bytes, from, to)) return
    this.from[column] = from
    this.to[column] = to
  }
}

const blank = 0x20
const quote = 0x22
const backslash = 0x5c
const shortestId = 8

function isHexId(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < shortestId) return false
  for (let i = from; i < to; i++) {
    const byte = bytes[i]
    const letter = byte | 0x20
    const isHex = (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66)
    if (!isHex && byte !== 0x2d) return false
  }
  return true
}
