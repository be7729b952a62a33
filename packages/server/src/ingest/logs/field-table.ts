// The names of fields that a project's lines have, found by their bytes (bench/src/ingest-logs.ts).
import { logColumns, logFieldNames } from '@tidewatch/core/log-fields.ts'
import type { JsonScanner } from './json-scanner.ts'

/** So many names of fields a project may have in a day; what has further ones is kept as text (see `LogWriter`). */
const maxNames = 20_000
const maxNameBytes = 256

/** Numbers of names, 0 and up; the first ones are those that lead to columns. */
export class FieldTable {
  /** Where the name's bytes are in `names`. */
  readonly from = new Uint32Array(maxNames)
  readonly to = new Uint32Array(maxNames)
  /** The place of its column in `logColumns`, or -1. */
  readonly column = new Int8Array(maxNames).fill(-1)
  /** Its place among the names of that column. */
  readonly spelling = new Uint8Array(maxNames)
  names: Uint8Array = new Uint8Array(1 << 14)
  /** What `SecretScreen` knows of each name. */
  readonly hidden = new Uint8Array(maxNames)
  /** By whose judgement. */
  judge: unknown
  /** How often all was forgotten: numbers of before are those of other names. */
  generation = 0
  #length = 0
  #count = 0
  readonly #columnNames: number
  /** Open addressing; numbers + 1. */
  readonly #slots = new Int32Array(1 << 16)
  readonly #hashes = new Int32Array(maxNames)

  constructor() {
    for (const [column, name] of logColumns.entries()) {
      for (const [spelling, text] of logFieldNames[name].entries()) {
        const id = this.addText(text)
        this.column[id] = column
        this.spelling[id] = spelling
      }
    }
    this.#columnNames = this.#count
  }

  get count(): number {
    return this.#count
  }

  /** Forgets all names but those of columns. */
  clear(): void {
    this.generation++
    this.#slots.fill(0)
    this.hidden.fill(0)
    const count = this.#columnNames
    this.#count = 0
    for (let id = 0; id < count; id++) this.#insert(this.#hashes[id] as number)
    this.#length = this.to[count - 1] as number
  }

  /** The number of a scanned field's whole name, a new one where it was not known; -1 where there is no room, or it is too long. */
  idOf(scanner: JsonScanner, field: number, bytes: Uint8Array): number {
    const known = this.find(scanner, field, bytes)
    if (known >= 0) return known
    const name: number[] = []
    appendPath(scanner, field, bytes, name)
    return this.#add(scanner.hash[field], name)
  }

  /** The number of a scanned field's whole name, -1 where it is not known. */
  find(scanner: JsonScanner, field: number, bytes: Uint8Array): number {
    const hash = scanner.hash[field]
    for (let slot = hash & slotMask; ; slot = (slot + 1) & slotMask) {
      const id = this.#slots[slot] - 1
      if (id < 0) return -1
      if (this.#hashes[id] === hash && this.#isName(id, scanner, field, bytes)) return id
    }
  }

  /** As `idOf`, for a name whose bytes lie together. */
  idOfText(bytes: Uint8Array, from: number, to: number): number {
    const known = this.findText(bytes, from, to)
    return known >= 0 ? known : this.#add(hashOf(bytes, from, to), bytes.subarray(from, to))
  }

  /** As `find`, for a name whose bytes lie together. */
  findText(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to)
    for (let slot = hash & slotMask; ; slot = (slot + 1) & slotMask) {
      const id = this.#slots[slot] - 1
      if (id < 0) return -1
      if (this.#hashes[id] === hash && this.#isText(id, bytes, from, to)) return id
    }
  }

  /** The same for a name as text. */
  addText(text: string): number {
    const name = Buffer.from(text, 'utf8')
    return this.idOfText(name, 0, name.length)
  }

  #isText(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const { names } = this
    let at = this.from[id]
    if (this.to[id] - at !== to - from) return false
    for (let i = from; i < to; i++) if (bytes[i] !== names[at++]) return false
    return true
  }

  /** From the end on: a name's parts are the field's key, a dot, and what its parents are called. */
  #isName(id: number, scanner: JsonScanner, field: number, bytes: Uint8Array): boolean {
    const { names } = this
    const start = this.from[id]
    let at = this.to[id]
    for (let part = field; ; ) {
      const from = scanner.keyFrom[part]
      let key = scanner.keyTo[part]
      if (at - start < key - from) return false
      while (key > from) if (bytes[--key] !== names[--at]) return false
      const parent = scanner.parent[part]
      if (parent < 0) return at === start
      // an element of an array has no key of its own
      if (scanner.keyTo[part] >= from && (at === start || names[--at] !== 0x2e)) return false
      part = parent
    }
  }

  #add(hash: number, name: ArrayLike<number>): number {
    if (this.#count === maxNames || name.length > maxNameBytes) return -1
    if (this.#length + name.length > this.names.length) {
      const grown = new Uint8Array(this.names.length * 2)
      grown.set(this.names)
      this.names = grown
    }
    this.names.set(name, this.#length)
    const id = this.#count
    this.from[id] = this.#length
    this.#length += name.length
    this.to[id] = this.#length
    this.#insert(hash)
    return id
  }

  #insert(hash: number): void {
    const id = this.#count++
    this.#hashes[id] = hash
    let slot = hash & slotMask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & slotMask
    this.#slots[slot] = id + 1
  }
}

const slotMask = (1 << 16) - 1

/** FNV-1a, as the scanner counts it. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return hash
}

function appendPath(scanner: JsonScanner, field: number, bytes: Uint8Array, into: number[]): void {
  const parent = scanner.parent[field]
  if (parent >= 0) appendPath(scanner, parent, bytes, into)
  const from = scanner.keyFrom[field]
  const to = scanner.keyTo[field]
  if (parent >= 0 && to >= from) into.push(0x2e)
  for (let i = from; i < to; i++) into.push(bytes[i])
}
