// Bracketed sets: ranges, sets in sets, `&&`, POSIX names.
import { type CharTest, ignoringCase, posixTest } from './char-set.ts'
import { readCharEscape, readClassEscape } from './escapes.ts'
import type { Reader } from './reader.ts'

const closing = 93
const maxDepth = 20

/** Reads a set whose opening bracket has been read. */
export function readBrackets(reader: Reader, ignoreCase: boolean, depth = 0): CharTest {
  if (depth > maxDepth) throw reader.error('sets are nested too deeply')
  const start = reader.at - 1
  const isNegated = reader.take('^')
  const factors: CharTest[] = []
  let members: CharTest[] = []
  // a bracket that closes right at the start is a member
  if (reader.peek() === closing && reader.source.indexOf(']', reader.at + 1) >= 0) {
    reader.next()
    members.push((code) => code === closing)
  }
  while (!reader.take(']')) {
    if (reader.isAtEnd) throw reader.error("a set has no end: ']' is missing", start)
    if (reader.take('&&')) {
      factors.push(anyOf(members))
      members = []
    } else members.push(readMember(reader, ignoreCase, depth))
  }
  factors.push(anyOf(members))
  const all: CharTest = (code) => factors.every((factor) => factor(code))
  const folded = ignoreCase ? ignoringCase(all) : all
  return isNegated ? (code) => !folded(code) : folded
}

const anyOf =
  (members: readonly CharTest[]): CharTest =>
  (code) => {
    for (const member of members) if (member(code)) return true
    return false
  }

function readMember(reader: Reader, ignoreCase: boolean, depth: number): CharTest {
  const start = reader.at
  const posix = reader.takeMatch(/\[:(\^?)(\w+):\]/y)
  if (posix !== undefined) {
    const test = posixTest(posix[2] as string)
    if (test === undefined) throw reader.error(`there is no set [:${posix[2]}:]`, start)
    return posix[1] === '^' ? (code) => !test(code) : test
  }
  if (reader.take('[')) return readBrackets(reader, ignoreCase, depth + 1)
  const from = readEnd(reader)
  if (typeof from === 'function') return from
  // a hyphen before the closing bracket, or before a set, stands for itself
  const isRange =
    reader.source[reader.at] === '-' && !/^-(?:\]|\[|&&)/.test(reader.source.slice(reader.at, reader.at + 3))
  if (!isRange) return (code) => code === from
  reader.next()
  const to = readEnd(reader)
  if (typeof to === 'function') return (code) => code === from || code === 45 || to(code)
  if (to < from) throw reader.error('a range runs backwards', start)
  return (code) => code >= from && code <= to
}

/** One character, or what an escape in its place stands for. */
function readEnd(reader: Reader): number | CharTest {
  if (!reader.take('\\')) {
    const code = reader.next()
    if (code < 0) throw reader.error("a set has no end: ']' is missing")
    return code
  }
  const test = readClassEscape(reader)
  if (test !== undefined) return test
  return reader.take('b') ? 8 : readCharEscape(reader)
}
