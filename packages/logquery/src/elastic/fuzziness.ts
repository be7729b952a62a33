import { automaticEdits } from '../fuzzy.ts'
import { elasticError } from './error.ts'
import type { ElasticContext } from './reader.ts'

/** `AUTO`, `AUTO:3,6`, 0, 1 or 2, as edits for this text. */
export function fuzzinessOf(value: unknown, text: string, { path }: ElasticContext): 0 | 1 | 2 {
  if (value === undefined) return automaticEdits(text)
  const written = String(value).toUpperCase()
  const auto = /^AUTO(?::(\d{1,4}),(\d{1,4}))?$/.exec(written)
  if (auto !== null) return automaticEdits(text, Number(auto[1] ?? 3), Number(auto[2] ?? 6))
  const edits = [0, 1, 2].find((one) => Number(written) === one)
  if (edits === 0 || edits === 1 || edits === 2) return edits
  throw elasticError(
    'illegal_argument_exception',
    `Valid edit distances are [0, 1, 2] but was [${written.slice(0, 20)}]`,
    `${path}.fuzziness`,
    'Write AUTO, 0, 1 or 2',
  )
}
