// Once a byte of every JSON line (bench/src/ingest-logs.ts): where its fields stand, without an object made of it.

/** What a field's value is. `container` is an object, or an array of plain values: what is in it follows as fields of its own. */
export const fieldKind = { container: 0, string: 1, number: 2, boolean: 3, null: 4, json: 5 } as const
export type FieldKind = (typeof fieldKind)[keyof typeof fieldKind]

/** Deeper values stay JSON text. */
const maxDepth = 16
/** A line with more is read by the slow way, which folds what is too much. */
export const maxFields = 1024

/** So many fields of a line are expected to have the names of those of the line before, of at most so many bytes. */
const foreseen = 128
const longestForeseen = 48
/** In the place of a version where there is no path above. */
const topVersion = -1

const fnvBasis = 0x811c9dc5
const fnvPrime = 0x01000193
const dot = 0x2e

/** One line's fields in order, flat; used again for the next line. Places are those of the bytes that were scanned. */
export class JsonScanner {
  /** Fields of the line that was scanned last. */
  count = 0
  readonly keyFrom = new Int32Array(maxFields)
  readonly keyTo = new Int32Array(maxFields)
  readonly valueFrom = new Int32Array(maxFields)
  /** Strings are without their quotes. */
  readonly valueTo = new Int32Array(maxFields)
  readonly kind = new Uint8Array(maxFields)
  /** Whether a string has escapes. */
  readonly escaped = new Uint8Array(maxFields)
  /** Whether it stands in an array. */
  readonly element = new Uint8Array(maxFields)
  /** The field whose path its own continues; -1 at the top. An element of an array has its array's path, and `keyTo` below `keyFrom`. */
  readonly parent = new Int32Array(maxFields)
  /** FNV-1a over the whole path, parts joined with dots. */
  readonly hash = new Int32Array(maxFields)
  /**
   * Stands for the path of the field: as long as it stays, so does the path of the field of that place, from line to line. 0 where that is not
   * known. Lines of one program are alike, so that most names need neither be hashed nor looked up.
   */
  readonly pathVersion = new Int32Array(maxFields)
  /** Whether there was more than the fields can tell: too many, or a name with escapes. */
  isOdd = false
  /** Where the first fault is, after `scan` gave false. */
  faultAt = 0
  #bytes: Uint8Array = new Uint8Array(0)
  #end = 0
  #at = 0
  // of the last key at each of the first places: its bytes, and under which path it stood
  readonly #keys = new Uint8Array(foreseen * longestForeseen)
  readonly #keyLengths = new Uint8Array(foreseen)
  readonly #keyParents = new Int32Array(foreseen)
  #versions = 0

  /** Whether from `from` to `to` there is one JSON object, and nothing else but blanks. */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    this.#bytes = bytes
    this.#end = to
    this.#at = from
    this.count = 0
    this.isOdd = false
    this.#blanks()
    const isObject = this.#at < to && bytes[this.#at] === 0x7b && this.#object(-1, 0, 0)
    if (isObject) {
      this.#blanks()
      if (this.#at === to) return true
    }
    this.faultAt = this.#at
    return false
  }

  /** Reads on behind `from`, in bytes of which another object may follow: for bodies whose objects are not lines. */
  get at(): number {
    return this.#at
  }

  #blanks(): void {
    this.#at = behindBlanks(this.#bytes, this.#at, this.#end)
  }

  /** Always false, with the place of the fault. */
  #fault(at: number): boolean {
    this.#at = at
    return false
  }

  /** At its brace. What is usual stands here and in what is called for it alone, so that V8 makes one function of it. */
  #object(parent: number, element: number, depth: number): boolean {
    const bytes = this.#bytes
    const end = this.#end
    let at = behindBlanks(bytes, this.#at + 1, end)
    if (at < end && bytes[at] === 0x7d) {
      this.#at = at + 1
      return true
    }
    while (at < end && bytes[at] === 0x22) {
      this.#at = at
      if (!this.#isForeseenKey(parent) && !this.#unforeseenKey(parent)) return false
      const field = this.count++
      this.element[field] = element
      at = this.#at
      if (bytes[at] !== 0x3a) at = behindBlanks(bytes, at, end)
      if (at >= end || bytes[at] !== 0x3a) break
      at++
      if (bytes[at] <= 0x20) at = behindBlanks(bytes, at, end)
      this.#at = at
      if (!(at < end && bytes[at] === 0x22 ? this.#string(field) : this.#value(field, element, depth))) return false
      at = this.#at
      if (bytes[at] <= 0x20) at = behindBlanks(bytes, at, end)
      if (at >= end || bytes[at] !== 0x2c) return this.#ends(at)
      at++
      if (bytes[at] <= 0x20) at = behindBlanks(bytes, at, end)
    }
    return this.#fault(at)
  }

  /** Behind the last value of an object. */
  #ends(at: number): boolean {
    const isEnd = at < this.#end && this.#bytes[at] === 0x7d
    this.#at = isEnd ? at + 1 : at
    return isEnd
  }

  /** At its first byte, which is no quote. */
  #value(field: number, element: number, depth: number): boolean {
    const from = this.#at
    const byte = from < this.#end ? this.#bytes[from] : 0
    this.escaped[field] = 0
    this.valueFrom[field] = from
    if (byte === 0x7b || byte === 0x5b) {
      if (depth === maxDepth) {
        this.kind[field] = fieldKind.json
        if (!this.#skip()) return false
      } else {
        this.kind[field] = fieldKind.container
        if (byte === 0x7b ? !this.#object(field, element, depth + 1) : !this.#array(field, depth + 1)) return false
      }
      this.valueTo[field] = this.#at
      return true
    }
    const kind = byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? this.#number() : this.#word(byte)
    if (kind === fieldKind.container) return false
    this.kind[field] = kind
    this.valueTo[field] = this.#at
    return true
  }

  /** At its bracket. Where it has objects or arrays in it the array itself becomes JSON text beside their leaves. */
  #array(field: number, depth: number): boolean {
    const bytes = this.#bytes
    const end = this.#end
    this.#at++
    this.#blanks()
    if (this.#at < end && bytes[this.#at] === 0x5d) {
      this.#at++
      return true
    }
    for (;;) {
      const byte = this.#at < end ? bytes[this.#at] : 0
      if (byte === 0x7b || byte === 0x5b) {
        this.kind[field] = fieldKind.json
        if (depth === maxDepth || byte === 0x5b) {
          if (!this.#skip()) return false
        } else if (!this.#object(field, 1, depth + 1)) return false
      } else {
        const place = this.#element(field)
        if (!(byte === 0x22 ? this.#string(place) : this.#value(place, 1, depth))) return false
      }
      this.#blanks()
      if (this.#at >= end) return false
      const next = bytes[this.#at++]
      if (next === 0x5d) return true
      if (next !== 0x2c) {
        this.#at--
        return false
      }
      this.#blanks()
    }
  }

  /** A field for the value of an array. */
  #element(array: number): number {
    this.#makeRoom()
    const field = this.count++
    this.keyFrom[field] = 0
    this.keyTo[field] = -1
    this.parent[field] = array
    this.hash[field] = this.hash[array]
    this.element[field] = 1
    this.pathVersion[field] = 0
    return field
  }

  #makeRoom(): void {
    if (this.count < maxFields) return
    this.isOdd = true
    this.count--
  }

  /** At its quote: whether the key of that place of the line before stands here, too, under the same path. The field has its name then. */
  #isForeseenKey(parent: number): boolean {
    const place = this.count
    const above = parent < 0 ? topVersion : this.pathVersion[parent]
    if (this.pathVersion[place] === 0 || this.#keyParents[place] !== above) return false
    const bytes = this.#bytes
    const from = this.#at + 1
    const to = from + this.#keyLengths[place]
    if (to >= this.#end || bytes[to] !== 0x22) return false
    const keys = this.#keys
    for (let i = from, key = place * longestForeseen; i < to; i++) if (bytes[i] !== keys[key++]) return false
    this.keyFrom[place] = from
    this.keyTo[place] = to
    this.parent[place] = parent
    this.#at = to + 1
    return true
  }

  /** As `isForeseenKey` for any other: with the hash of the whole path. */
  #unforeseenKey(parent: number): boolean {
    this.#makeRoom()
    const place = this.count
    const bytes = this.#bytes
    const from = this.#at + 1
    let at = from
    let hash = parent < 0 ? fnvBasis : Math.imul(this.hash[parent] ^ dot, fnvPrime)
    for (; at < this.#end && isSpecial[bytes[at]] === 0; at++) hash = Math.imul(hash ^ bytes[at], fnvPrime)
    this.pathVersion[place] = 0
    if (at < this.#end && bytes[at] === 0x22) {
      this.#at = at + 1
      this.#foresee(place, parent, from, at)
    } else {
      this.isOdd = true
      hash = 0
      if (!this.#string(place)) return false
    }
    this.keyFrom[place] = from
    this.keyTo[place] = this.#at - 1
    this.parent[place] = parent
    this.hash[place] = hash
    return true
  }

  #foresee(place: number, parent: number, from: number, to: number): void {
    const above = parent < 0 ? topVersion : this.pathVersion[parent]
    if (place >= foreseen || to - from > longestForeseen || above === 0) return
    const keys = place * longestForeseen
    for (let i = from; i < to; i++) this.#keys[keys + i - from] = this.#bytes[i]
    this.#keyLengths[place] = to - from
    this.#keyParents[place] = above
    this.#versions = this.#versions === 0x7fff_ffff ? 1 : this.#versions + 1
    this.pathVersion[place] = this.#versions
  }

  /** At its quote. */
  #string(field: number): boolean {
    const bytes = this.#bytes
    const end = this.#end
    const from = this.#at + 1
    let at = from
    while (at < end && isSpecial[bytes[at]] === 0) at++
    this.kind[field] = fieldKind.string
    this.escaped[field] = 0
    this.valueFrom[field] = from
    if (at >= end || bytes[at] !== 0x22) {
      this.escaped[field] = 1
      if (!this.#skipString(at)) return false
      at = this.#at - 1
    }
    this.valueTo[field] = at
    this.#at = at + 1
    return true
  }

  /** Over the rest of a string, whatever stands in it. */
  #skipString(from: number): boolean {
    const bytes = this.#bytes
    const end = this.#end
    for (let at = from; at < end; at++) {
      const byte = bytes[at]
      if (isSpecial[byte] === 0) continue
      if (byte !== 0x5c) {
        this.#at = byte === 0x22 ? at + 1 : at
        return byte === 0x22
      }
      at++
      const letter = at < end ? bytes[at] : 0
      if (letter === 0x75 ? !areHex(bytes, at + 1, end) : isEscape[letter] === 0) return this.#fault(at)
      if (letter === 0x75) at += 4
    }
    return this.#fault(end)
  }

  #number(): FieldKind {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.#at
    if (bytes[at] === 0x2d) at++
    const first = at
    while (at < end && isDigit(bytes[at])) at++
    let isNumber = at === first + 1 || (at > first && bytes[first] !== 0x30)
    if (at < end && bytes[at] === 0x2e) {
      const from = ++at
      while (at < end && isDigit(bytes[at])) at++
      isNumber &&= at > from
    }
    if (at < end && (bytes[at] | 0x20) === 0x65) {
      at++
      if (at < end && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at++
      const from = at
      while (at < end && isDigit(bytes[at])) at++
      isNumber &&= at > from
    }
    this.#at = at
    return isNumber ? fieldKind.number : fieldKind.container
  }

  #word(byte: number): FieldKind {
    const { word, kind } = byte === 0x74 ? words.yes : byte === 0x66 ? words.no : words.none
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word[i] || this.#at + i >= this.#end) return fieldKind.container
    }
    this.#at += word.length
    return kind
  }

  /** Over an object or array of any depth, by its brackets. */
  #skip(): boolean {
    const bytes = this.#bytes
    let open = 0
    for (; this.#at < this.#end; ) {
      const byte = bytes[this.#at]
      if (byte === 0x22) {
        if (!this.#skipString(this.#at + 1)) return false
        continue
      }
      this.#at++
      if (byte === 0x7b || byte === 0x5b) open++
      else if ((byte === 0x7d || byte === 0x5d) && --open === 0) return true
    }
    return false
  }
}

function behindBlanks(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] <= 0x20) at++
  return at
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** What ends or escapes in a string, and what may not stand in one. */
const isSpecial = new Uint8Array(256).fill(1, 0, 0x20)
isSpecial[0x22] = 1
isSpecial[0x5c] = 1

const isEscape = new Uint8Array(256)
for (const letter of '"\\/bfnrtu') isEscape[letter.charCodeAt(0)] = 1

const words = {
  yes: { word: Buffer.from('true'), kind: fieldKind.boolean },
  no: { word: Buffer.from('false'), kind: fieldKind.boolean },
  none: { word: Buffer.from('null'), kind: fieldKind.null },
} as const

function areHex(bytes: Uint8Array, from: number, end: number): boolean {
  if (from + 4 > end) return false
  for (let i = from; i < from + 4; i++) {
    const byte = bytes[i]
    const letter = byte | 0x20
    if (!isDigit(byte) && !(letter >= 0x61 && letter <= 0x66)) return false
  }
  return true
}
