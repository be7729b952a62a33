// Floating-point numbers as Go's strconv.FormatFloat writes them: exact digits, halves rounded to even.

interface Digits {
  /** Decimal digits without leading zeros; '0' for zero. */
  readonly digits: string
  /** Where the decimal point stands, counted from the first digit. */
  readonly point: number
}

/** The shortest digits that tell the number apart. */
function shortest(value: number): Digits {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  return value === 0 ? { digits: '0', point: 1 } : { digits, point: Number(exponent) + 1 }
}

const view = new DataView(new ArrayBuffer(8))

interface Binary {
  readonly mantissa: bigint
  /** The number is mantissa * 2^exponent. */
  readonly exponent: number
}

function binaryOf(value: number): Binary {
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const biased = Number(bits >> 52n)
  const fraction = bits & ((1n << 52n) - 1n)
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 }
}

/** All digits of the number's exact decimal value. */
function exact(value: number): Digits {
  const { mantissa, exponent } = binaryOf(value)
  if (mantissa === 0n) return { digits: '0', point: 1 }
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString()
    return { digits, point: digits.length }
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString()
  return { digits, point: digits.length + exponent }
}

/** Cut to so many digits (0 or fewer: to nothing, or one that was rounded up), halves to even. */
function round({ digits, point }: Digits, count: number): Digits {
  if (count >= digits.length) return { digits: digits.padEnd(count, '0'), point }
  if (count < 0) return { digits: '', point }
  const kept = digits.slice(0, count)
  const next = digits.charCodeAt(count) - 48
  const isHalf = next === 5 && /^0*$/.test(digits.slice(count + 1))
  const isOdd = count > 0 && (kept.charCodeAt(count - 1) - 48) % 2 === 1
  if (next < 5 || (isHalf && !isOdd)) return { digits: kept, point }
  const up = (BigInt(kept === '' ? 0 : kept) + 1n).toString()
  return up.length > count
    ? { digits: up.slice(0, Math.max(count, 1)), point: point + 1 }
    : { digits: up.padStart(count, '0'), point }
}

const sign = (value: number): string => (value < 0 || Object.is(value, -0) ? '-' : '')

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? undefined : value > 0 ? '+Inf' : '-Inf'
}

/** `%f`: so many digits behind the point; undefined for as many as are needed. */
export function formatFixed(value: number, precision: number | undefined): string {
  const name = special(value)
  if (name !== undefined) return name
  return sign(value) + fixed(precision === undefined ? shortest(value) : exact(value), precision)
}

function fixed(all: Digits, precision: number | undefined): string {
  const { digits, point } = precision === undefined ? all : round(all, Math.max(all.point + precision, -1))
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  const places = precision ?? fraction.length
  return places === 0 ? whole : `${whole}.${fraction.padEnd(places, '0').slice(0, places)}`
}

/** `%e`: one digit before the point, so many behind it. */
export function formatExponent(value: number, precision: number | undefined): string {
  const name = special(value)
  if (name !== undefined) return name
  return (
    sign(value) +
    scientific(precision === undefined ? shortest(value) : round(exact(value), precision + 1), value === 0)
  )
}

function scientific({ digits, point }: Digits, isZero: boolean): string {
  const exponent = isZero ? 0 : point - 1
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const size = Math.abs(exponent).toString().padStart(2, '0')
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
}

/** `%g`: so many digits in all, with an exponent where it is large; undefined for as many as are needed, as `%v` prints. */
export function formatGeneral(value: number, precision?: number): string {
  const name = special(value)
  if (name !== undefined) return name
  const wanted = precision === 0 ? 1 : precision
  const rounded = wanted === undefined ? shortest(value) : round(exact(value), wanted)
  const digits = rounded.digits.replace(/0+$/, '') || '0'
  const trimmed = { digits, point: rounded.point }
  const exponent = value === 0 ? 0 : trimmed.point - 1
  // where as many digits as needed are taken, six decide
  let limit = wanted ?? 6
  if (wanted !== undefined && limit > digits.length && digits.length >= trimmed.point) limit = digits.length
  if (exponent < -4 || exponent >= limit) return sign(value) + scientific(trimmed, value === 0)
  return sign(value) + fixed(trimmed, undefined)
}

/** `%b`: the mantissa and a power of two. */
export function formatBinary(value: number): string {
  const { mantissa, exponent } = binaryOf(value)
  return special(value) ?? `${sign(value)}${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

/** `%x`: hexadecimal mantissa and a power of two, in as many digits as needed. */
export function formatHexadecimal(value: number): string {
  const name = special(value)
  if (name !== undefined) return name
  let { mantissa, exponent } = binaryOf(value)
  if (mantissa === 0n) return `${sign(value)}0x0p+00`
  while (mantissa < 1n << 52n) {
    mantissa <<= 1n
    exponent--
  }
  const fraction = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0').replace(/0+$/, '')
  const power = exponent + 52
  const size = Math.abs(power).toString().padStart(2, '0')
  return `${sign(value)}0x1${fraction === '' ? '' : `.${fraction}`}p${power < 0 ? '-' : '+'}${size}`
}
