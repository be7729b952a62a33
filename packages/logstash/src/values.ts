// What a field of an event may hold. A float without a fraction (1.0) and an integer (1) are two things to Logstash: they print differently.

export type ValueMap = { [key: string]: Value }
export type Scalar = string | number | bigint | boolean | null | WholeFloat | Timestamp
export type Value = Scalar | Value[] | ValueMap

/** A float that has no fraction: what `number` alone could not tell from an integer. */
export class WholeFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return floatText(this.value)
  }

  toJSON(): number {
    return this.value
  }
}

/** A moment; prints as ISO 8601 with three digits behind the point, more where there are more. */
export class Timestamp {
  /** ms since 1970. */
  readonly ms: number
  /** 0 to 999,999. */
  readonly nanosOfMs: number

  constructor(ms: number, nanosOfMs = 0) {
    this.ms = ms
    this.nanosOfMs = nanosOfMs
  }

  /** ns since 1970. */
  get ns(): bigint {
    return BigInt(this.ms) * 1_000_000n + BigInt(this.nanosOfMs)
  }

  toString(): string {
    const text = new Date(this.ms).toISOString()
    if (this.nanosOfMs === 0) return text
    return `${text.slice(0, -1)}${String(this.nanosOfMs)
      .padStart(6, '0')
      .replace(/(000)$/, '')}Z`
  }

  toJSON(): string {
    return this.toString()
  }
}

/** The range in which a moment can be printed (years 0 to 9999 and far beyond); others are no timestamps. */
export const isMoment = (ms: number): boolean => Number.isFinite(ms) && Math.abs(ms) <= 8.64e15

export const isMap = (value: Value | undefined): value is ValueMap =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Timestamp) &&
  !(value instanceof WholeFloat)

/** Sets a key whatever it is called: `__proto__` is a name like others. */
export function setKey(map: ValueMap, key: string, value: Value): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  else map[key] = value
}

export const getKey = (map: ValueMap, key: string): Value | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined

/** A number as Ruby writes a float. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string]
    const sign = exponent.startsWith('-') ? '-' : '+'
    return `${digits.includes('.') ? digits : `${digits}.0`}e${sign}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = String(value)
  return text.includes('.') ? text : `${Object.is(value, -0) ? '-0' : text}.0`
}

/** A float: a plain number where it has a fraction. */
export const floatOf = (value: number): Scalar => (Number.isInteger(value) ? new WholeFloat(value) : value)

/** As it stands in a text by `%{field}`: a list joined by commas, a map as JSON. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(textOf).join(',')
  if (isMap(value)) return jsonText(value)
  return typeof value === 'number' && !Number.isInteger(value) ? floatText(value) : String(value)
}

/** The number that a value is; undefined where it is none. */
export function numberOf(value: Value | undefined): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return value instanceof WholeFloat ? value.value : undefined
}

/** Equal as conditions see it: numbers by their size, texts and the rest only with their own kind. */
export function isEqual(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a === null || b === null) return false
  const left = numberOf(a)
  const right = numberOf(b)
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of one size are equal
  if (left !== undefined && right !== undefined) return left == right
  if (a instanceof Timestamp && b instanceof Timestamp) return a.ms === b.ms && a.nanosOfMs === b.nanosOfMs
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]))
  if (!isMap(a) || !isMap(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => isEqual(a[key], getKey(b, key)))
}

/** A copy in which nothing is shared that could be changed. */
export function cloneValue(value: Value): Value {
  if (Array.isArray(value)) return value.map(cloneValue)
  if (!isMap(value)) return value
  const copy: ValueMap = {}
  for (const key of Object.keys(value)) setKey(copy, key, cloneValue(value[key] as Value))
  return copy
}

/** JSON with whole floats as `1.0` and big integers in full. */
export function jsonText(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (isMap(value))
    return `{${Object.keys(value)
      .map((key) => `${JSON.stringify(key)}:${jsonText(value[key] as Value)}`)
      .join(',')}}`
  if (value instanceof WholeFloat || typeof value === 'bigint') return String(value)
  return JSON.stringify(value)
}
