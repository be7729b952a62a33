/** The label that holds a metric's name. */
export const metricNameLabel = '__name__'

const utf8 = new TextEncoder()

/**
 * Compares as Prometheus does, by UTF-8 bytes. JavaScript's `<` compares UTF-16 units, which differs only where surrogates
 * meet units above them, so that is the only slow case.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    if (x < 0xd800 || y < 0xd800) return x - y
    // not from the middle of a surrogate pair: the halves alone have no UTF-8
    const from = i > 0 && x >= 0xdc00 && x <= 0xdfff && y >= 0xdc00 && y <= 0xdfff ? i - 1 : i
    return compareBytes(utf8.encode(a.slice(from)), utf8.encode(b.slice(from)))
  }
  return a.length - b.length
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The labels of one series: names unique, sorted by UTF-8 bytes, no empty values. Immutable. */
export class Labels {
  static readonly empty = new Labels([])

  /** name, value, name, value ... */
  readonly flat: readonly string[]
  #key: string | undefined

  private constructor(flat: readonly string[]) {
    this.flat = flat
  }

  /** From name, value, name, value ... already sorted, unique and without empty values; not checked. */
  static fromSorted(flat: readonly string[]): Labels {
    return flat.length === 0 ? Labels.empty : new Labels(flat)
  }

  static from(entries: Iterable<readonly [string, string]> | Readonly<Record<string, string>>): Labels {
    const pairs = Symbol.iterator in entries ? [...entries] : Object.entries(entries)
    const last = new Map(pairs)
    const sorted = [...last].filter(([, value]) => value !== '').sort(([a], [b]) => compareUtf8(a, b))
    return Labels.fromSorted(sorted.flat())
  }

  get size(): number {
    return this.flat.length / 2
  }

  /** The value, or '' where there is none: to Prometheus the two are the same. */
  get(name: string): string {
    const { flat } = this
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1] as string
    return ''
  }

  has(name: string): boolean {
    return this.get(name) !== ''
  }

  /** A text that is equal for equal labels and different for different ones. */
  key(): string {
    this.#key ??= this.flat.join('\u0000')
    return this.#key
  }

  with(name: string, value: string): Labels {
    return Labels.from([...this.entries(), [name, value]])
  }

  /** Without the given names. */
  without(names: ReadonlySet<string>): Labels {
    return this.#filtered((name) => !names.has(name))
  }

  /** Only the given names. */
  only(names: ReadonlySet<string>): Labels {
    return this.#filtered((name) => names.has(name))
  }

  *entries(): Generator<[string, string]> {
    for (let i = 0; i < this.flat.length; i += 2) yield [this.flat[i] as string, this.flat[i + 1] as string]
  }

  toObject(): Record<string, string> {
    const { flat } = this
    // without a prototype: a label may be called __proto__
    const object: Record<string, string> = Object.create(null)
    for (let i = 0; i < flat.length; i += 2) object[flat[i] as string] = flat[i + 1] as string
    return object
  }

  /** As Prometheus prints them: `name{a="b", c="d"}`. */
  toString(): string {
    const name = this.get(metricNameLabel)
    const rest = [...this.entries()].filter(([label]) => label !== metricNameLabel)
    const inner = rest.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')
    return rest.length === 0 && name !== '' ? name : `${name}{${inner}}`
  }

  static compare(a: Labels, b: Labels): number {
    const length = Math.min(a.flat.length, b.flat.length)
    for (let i = 0; i < length; i++) {
      const x = a.flat[i] as string
      const y = b.flat[i] as string
      // most are the same string in memory: nothing of it is read then
      if (x === y) continue
      return compareUtf8(x, y)
    }
    return a.flat.length - b.flat.length
  }

  #filtered(keep: (name: string) => boolean): Labels {
    const flat: string[] = []
    for (let i = 0; i < this.flat.length; i += 2) {
      if (keep(this.flat[i] as string)) flat.push(this.flat[i] as string, this.flat[i + 1] as string)
    }
    return Labels.fromSorted(flat)
  }
}
