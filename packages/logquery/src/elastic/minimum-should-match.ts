import { elasticError } from './error.ts'

/**
 * How many of `count` clauses must match: `2`, `-1` (all but one), `75%`, `-25%`, `3<90%` (all up to three, else nine of ten), several of these with
 * blanks between. Source: Elasticsearch's documentation of minimum_should_match.
 */
export function minimumShouldMatch(spec: string | number, count: number, path: string): number {
  const text = String(spec).trim()
  if (!text.includes('<')) return Math.max(0, Math.min(count, plain(text, count, path)))
  let result = count
  for (const part of text.split(/\s+/)) {
    const [limit = '', wanted = ''] = part.split('<')
    if (!/^\d{1,9}$/.test(limit)) throw malformed(spec, path)
    if (count <= Number(limit)) return result
    result = Math.max(0, Math.min(count, plain(wanted, count, path)))
  }
  return result
}

function plain(text: string, count: number, path: string): number {
  const match = /^(-?\d{1,9})(%?)$/.exec(text)
  if (match === null) throw malformed(text, path)
  const number = Number(match[1])
  const share = match[2] === '%' ? Math.trunc((number * count) / 100) : number
  return number < 0 ? count + share : share
}

const malformed = (spec: string | number, path: string): Error =>
  elasticError(
    'illegal_argument_exception',
    `failed to parse [minimum_should_match]: "${String(spec).slice(0, 40)}"`,
    path,
    'Write 2, -1, 75% or 3<90%',
  )
