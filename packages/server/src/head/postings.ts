// Which series of a project have which labels. Main thread only. Bench: bench/src/head.ts.

/** The series with one value of one label: a number where it is one, as most values of a label such as `pod` have one. */
type Posting = number | RefList | undefined

interface RefList {
  refs: Uint32Array
  length: number
  /** Whether the refs ascend, as they do until a number is used again. */
  isSorted: boolean
}

/** One label name: its values by number, and the series of each. */
export class LabelName {
  readonly #ids = new Map<string, number>()
  /** By value number; a freed number has undefined and is used again. */
  readonly values: (string | undefined)[] = []
  readonly #postings: Posting[] = []
  readonly #freeIds: number[] = []
  /** What remembered expressions said of each value: 0 not asked yet, 1 no, 2 yes. Kept by the `RegexMemory`. */
  readonly verdicts = new Map<string, Uint8Array>()

  get size(): number {
    return this.#ids.size
  }

  idOf(value: string): number | undefined {
    return this.#ids.get(value)
  }

  count(id: number): number {
    const posting = this.#postings[id]
    if (posting === undefined) return 0
    return typeof posting === 'number' ? 1 : posting.length
  }

  add(value: string, ref: number): void {
    const id = this.#ids.get(value)
    if (id === undefined) {
      const fresh = this.#freeIds.pop() ?? this.values.length
      this.#ids.set(value, fresh)
      this.values[fresh] = value
      this.#postings[fresh] = ref
      return
    }
    const posting = this.#postings[id]
    if (typeof posting === 'number')
      this.#postings[id] = { refs: Uint32Array.of(posting, ref, 0, 0), length: 2, isSorted: posting < ref }
    else if (posting !== undefined) push(posting, ref)
  }

  /** Whether `includes` may be asked of the value. */
  isSorted(id: number): boolean {
    const posting = this.#postings[id]
    return posting === undefined || typeof posting === 'number' || posting.isSorted
  }

  /** Whether the series has the value, in a few steps. */
  includes(id: number, ref: number): boolean {
    const posting = this.#postings[id]
    if (posting === undefined) return false
    if (typeof posting === 'number') return posting === ref
    const { refs } = posting
    let low = 0
    let high = posting.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (refs[middle] < ref) low = middle + 1
      else high = middle
    }
    return low < posting.length && refs[low] === ref
  }

  /** Sets the bits of all series with the value. */
  mark(id: number, bits: Uint32Array): void {
    const posting = this.#postings[id]
    if (posting === undefined) return
    if (typeof posting === 'number') {
      bits[posting >>> 5] |= 1 << (posting & 31)
      return
    }
    const { refs, length } = posting
    for (let i = 0; i < length; i++) bits[refs[i] >>> 5] |= 1 << (refs[i] & 31)
  }

  /** Clears whole words around the bits that `mark` set. */
  unmark(id: number, bits: Uint32Array): void {
    const posting = this.#postings[id]
    if (posting === undefined) return
    if (typeof posting === 'number') {
      bits[posting >>> 5] = 0
      return
    }
    const { refs, length } = posting
    for (let i = 0; i < length; i++) bits[refs[i] >>> 5] = 0
  }

  /** Whether any series with the value has its bit set. */
  anyMarked(id: number, bits: Uint32Array): boolean {
    const posting = this.#postings[id]
    if (posting === undefined) return false
    if (typeof posting === 'number') return has(bits, posting)
    const { refs, length } = posting
    for (let i = 0; i < length; i++) if (has(bits, refs[i])) return true
    return false
  }

  /** Whether any series with the value passes. */
  some(id: number, test: (ref: number) => boolean): boolean {
    const posting = this.#postings[id]
    if (posting === undefined) return false
    if (typeof posting === 'number') return test(posting)
    const { refs, length } = posting
    for (let i = 0; i < length; i++) if (test(refs[i])) return true
    return false
  }

  /** Copies the series with the value; returns where the next may go. */
  copyTo(id: number, out: Uint32Array, at: number): number {
    const posting = this.#postings[id]
    if (posting === undefined) return at
    if (typeof posting === 'number') {
      out[at] = posting
      return at + 1
    }
    out.set(posting.refs.subarray(0, posting.length), at)
    return at + posting.length
  }

  /** Takes out all series whose bit is set. */
  removeMarked(id: number, bits: Uint32Array): void {
    const posting = this.#postings[id]
    if (posting === undefined) return
    let left = 0
    if (typeof posting === 'number') left = has(bits, posting) ? 0 : 1
    else {
      const { refs, length } = posting
      for (let i = 0; i < length; i++) if (!has(bits, refs[i])) refs[left++] = refs[i]
      posting.length = left
      if (left > 0 && left * 4 < refs.length) posting.refs = refs.slice(0, left + 4)
    }
    if (left === 0) this.#forget(id)
  }

  #forget(id: number): void {
    const value = this.values[id]
    if (value !== undefined) this.#ids.delete(value)
    this.values[id] = undefined
    this.#postings[id] = undefined
    for (const verdicts of this.verdicts.values()) if (id < verdicts.length) verdicts[id] = 0
    this.#freeIds.push(id)
  }
}

export function has(bits: Uint32Array, ref: number): boolean {
  return ((bits[ref >>> 5] >>> (ref & 31)) & 1) === 1
}

function push(list: RefList, ref: number): void {
  if (list.length === list.refs.length) {
    const bigger = new Uint32Array(list.length + Math.max(8, list.length >>> 2))
    bigger.set(list.refs)
    list.refs = bigger
  }
  if (list.length > 0 && list.refs[list.length - 1] > ref) list.isSorted = false
  list.refs[list.length++] = ref
}

/** All label names of one project. */
export class ProjectPostings {
  readonly names = new Map<string, LabelName>()

  /** `flat`: name, value, name, value ... */
  add(ref: number, flat: readonly string[]): void {
    for (let i = 0; i < flat.length; i += 2) {
      let name = this.names.get(flat[i])
      if (name === undefined) {
        name = new LabelName()
        this.names.set(flat[i], name)
      }
      name.add(flat[i + 1], ref)
    }
  }

  /** Takes out series in one pass over each list they stand in; `bits` has exactly their bits set. */
  remove(flats: Iterable<readonly string[]>, bits: Uint32Array): void {
    const touched = new Map<string, Set<number>>()
    for (const flat of flats) {
      for (let i = 0; i < flat.length; i += 2) {
        const id = this.names.get(flat[i])?.idOf(flat[i + 1])
        if (id === undefined) continue
        const ids = touched.get(flat[i])
        if (ids === undefined) touched.set(flat[i], new Set([id]))
        else ids.add(id)
      }
    }
    for (const [text, ids] of touched) {
      const name = this.names.get(text)
      if (name === undefined) continue
      for (const id of ids) name.removeMarked(id, bits)
      if (name.size === 0) this.names.delete(text)
    }
  }
}
