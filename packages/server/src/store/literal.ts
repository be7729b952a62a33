import { AppError } from '@tidewatch/core/error.ts'

/** What can stand in SQL as a literal. */
export type LiteralValue = string | number | bigint | boolean | readonly LiteralValue[]

/**
 * A value as ClickHouse reads it: the only way a value gets into SQL. `it's` is `'it\'s'`, a list `[1, 2]`. A number is read as the
 * smallest type that holds it; NaN and the infinities are `nan`, `inf`, `-inf`. Lone surrogates become U+FFFD, as in all UTF-8.
 */
export function literal(value: LiteralValue): string {
  switch (typeof value) {
    case 'string':
      // a zero byte would end the text where it passes through C
      return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`
    case 'number':
      return numberLiteral(value)
    case 'bigint':
      if (value < -(2n ** 63n) || value >= 2n ** 64n) {
        throw new AppError('internal.bug', `${value} does not fit into 64 bits, so SQL would round it`)
      }
      return String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return `[${value.map(literal).join(', ')}]`
  }
}

function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  if (Object.is(value, -0)) return '-0.'
  // whole numbers that JavaScript prints without an exponent but 64 bits do not hold would be read as integers first
  if (Number.isInteger(value) && Math.abs(value) >= 2 ** 63) return `${value.toExponential()}`
  return String(value)
}

/** A name (database, table, column) in backticks. */
export function identifier(name: string): string {
  if (name === '') throw new AppError('internal.bug', 'A name in SQL is empty')
  return `\`${name.replace(/[\\`]/g, '\\$&').replaceAll('\0', '\\0')}\``
}

/** A 64-bit unsigned number from its halves. */
export function uint64Literal(low: number, high: number): string {
  return high === 0 ? String(low) : String((BigInt(high) << 32n) | BigInt(low))
}
