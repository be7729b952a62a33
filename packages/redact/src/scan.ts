// Whether a line may hold a secret, without taking it apart. Called per line; bench/src/redact.ts. Two ways over the bytes: by pairs for needles and
// digits, by every 32nd byte for rows of words and for keys in base58, both of which are longer than that.
import { digitRunEnd, digitRunStart, holdsCard } from './cards.ts'
import { isKeyPrefix } from './names.ts'
import { type Needle, type NeedleCheck, pairTable, trieOf, usualNeedles } from './needles.ts'
import { leastWords, mayBeWord, mayHoldRow, PhraseWords } from './phrase-words.ts'

export type Scan = (bytes: Uint8Array, from: number, to: number) => boolean

/** The shortest row of twelve words has 36 bytes (Chinese), the shortest key in base58 51; the third word from its begin is within. */
const stride = 32
const shortestSampled = 36
/** Six pairs of digits in a row, as bits. */
const sixPairs = 63
/** Letters behind a needle that still belong to its name; more count as suspicious. */
const longestName = 80
/** Bytes between the word `private` and 64 hex digits, in JSON. */
const hexReach = 160
const longestUser = 600

const nameByte = 1
const digitByte = 2
const hexByte = 4
const letterOrDigit = 8
const tokenByte = 16
const afterName = 32

const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte)
  const one = (test: RegExp, bit: number): number => (byte < 128 && test.test(letter) ? bit : 0)
  const behind = byte < 32 || byte >= 128 || /["'`\\:=\]>]/.test(letter) ? afterName : 0
  const alike = one(/[0-9]/, digitByte) | one(/[0-9a-fA-F]/, hexByte) | one(/[0-9A-Za-z]/, letterOrDigit)
  return behind | alike | one(/[\w.-]/, nameByte) | one(/[\w.~+/=-]/, tokenByte)
})

/** Behind a name stands a quote, a colon and so on, perhaps with blanks before. */
function isBehindName(bytes: Uint8Array, at: number, to: number): boolean {
  let i = at
  while (i < to && i < at + 4 && (bytes[i] === 32 || bytes[i] === 9)) i++
  if (i >= to) return false
  if (i === at) return (kinds[bytes[i]] & afterName) !== 0
  return bytes[i] === 58 || bytes[i] === 61 || bytes[i] === 92 || i === at + 4
}

function endsName(bytes: Uint8Array, end: number, to: number): boolean {
  let i = end
  const limit = Math.min(to, end + longestName)
  while (i < limit && (kinds[bytes[i]] & nameByte) !== 0) i++
  return i === end + longestName || isBehindName(bytes, i, to)
}

/** How many bytes of a kind stand in a row. */
function runOf(kind: number, bytes: Uint8Array, at: number, to: number): number {
  let i = at
  while (i < to && (kinds[bytes[i]] & kind) !== 0) i++
  return i - at
}

function hexSoon(bytes: Uint8Array, end: number, to: number): boolean {
  const limit = Math.min(to - 64, end + hexReach)
  for (let i = end; i <= limit; i++) {
    const run = runOf(hexByte, bytes, i, Math.min(to, i + 64))
    if (run === 64) return true
    i += run
  }
  return false
}

function isKeyName(bytes: Uint8Array, start: number, end: number, bounds: { from: number; to: number }): boolean {
  if (!endsName(bytes, end, bounds.to)) return false
  let before = ''
  for (let i = start - 1; i >= bounds.from && before.length < 16; i--) {
    const byte = bytes[i]
    if (byte !== 32 && byte !== 45 && byte !== 95) before = String.fromCharCode(byte) + before
  }
  return isKeyPrefix(before)
}

/** A user and a password before the host. */
function hasUser(bytes: Uint8Array, end: number, to: number): boolean {
  let start = end
  while (start < to && (bytes[start] === 47 || bytes[start] === 92)) start++
  const limit = Math.min(to, start + longestUser)
  let colon = false
  for (let i = start; i < limit; i++) {
    const byte = bytes[i]
    if (byte === 64) return colon
    if (byte === 58) colon = true
    if (byte <= 32 || byte === 34 || byte === 47 || byte === 63 || byte === 35) return false
  }
  return limit === start + longestUser
}

/** `\u0041` hides a letter; control characters do not, nor do letters that no name and no list of words is written with. */
function isHiddenLetter(bytes: Uint8Array, start: number, to: number): boolean {
  if (runOf(hexByte, bytes, start + 2, Math.min(to, start + 6)) < 4) return false
  const code = Number.parseInt(String.fromCharCode(...bytes.subarray(start + 2, start + 6)), 16)
  // in the text that the line stands for, a number begins behind it
  if (start + 6 < to && (kinds[bytes[start + 6]] & letterOrDigit) !== 0) return true
  if (code >= 0x2000 && code < 0x3000) return false
  const greekToThai = code >= 0x370 && code < 0x1100
  const surrogate = code >= 0xd800 && code < 0xe000
  return !greekToThai && !surrogate && code >= 0x20
}

function passes(
  check: NeedleCheck,
  bytes: Uint8Array,
  start: number,
  end: number,
  bounds: { from: number; to: number },
): boolean {
  const { from, to } = bounds
  switch (check) {
    case 'always':
      return true
    case 'name':
      return endsName(bytes, end, to)
    case 'name_or_hex':
      return endsName(bytes, end, to) || hexSoon(bytes, end, to)
    case 'short_name':
      return isBehindName(bytes, end, to)
    case 'key':
      return isKeyName(bytes, start, end, bounds)
    case 'shape':
      return runOf(tokenByte, bytes, end, Math.min(to, end + 10)) === 10
    case 'scheme':
      return bytes[end] === 32 && runOf(tokenByte, bytes, end + 1, Math.min(to, end + 7)) === 6
    case 'url':
      return hasUser(bytes, end, to)
    case 'escape':
      return isHiddenLetter(bytes, start, to)
    case 'bot':
      if (start === from || (kinds[bytes[start - 1]] & digitByte) === 0) return false
      return runOf(tokenByte, bytes, end, Math.min(to, end + 30)) === 30
    default:
      return check satisfies never
  }
}

/** Whether a run of letters and digits around `at` has the length of a key in base58. */
function isKeyLong(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  let start = at
  while (start > from && at - start < 130 && (kinds[bytes[start - 1]] & letterOrDigit) !== 0) start--
  const length = at - start + runOf(letterOrDigit, bytes, at, Math.min(to, at + 130))
  // one more for the letter of an escape before it
  return (length >= 51 && length <= 53) || (length >= 105 && length <= 113)
}

const isRow = -1

/**
 * Of the row of words around a place: `isRow` where it has enough of them, of any list; else the place to go on at: what stands before it is read,
 * and is not read again for each of the places in it.
 */
function rowAt(reader: PhraseWords, bytes: Uint8Array, at: number, from: number, to: number): number {
  reader.open(bytes, at, to)
  reader.open(bytes, reader.beginOf(at, from), to)
  do if (!reader.next()) return to
  while (reader.end <= at)
  if (reader.word === 0) return reader.end
  const first = reader.start
  if (!reader.next() || reader.word === 0) return first
  // the row begins within a stride before, or the place before would have been in it
  const begin = Math.max(from, at - stride)
  reader.open(bytes, begin, to)
  reader.open(bytes, reader.beginOf(begin, from), to)
  let row = 0
  while (reader.next()) {
    if (reader.word !== 0) row++
    else if (reader.start > at) return first
    else row = 0
    if (row >= leastWords) return isRow
  }
  return first
}

/** A key in base58 is no word, and so nothing that the way from word to word stops at. */
function holdsKey(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at + 16 < to; at += stride) {
    const inRun = (kinds[bytes[at]] & kinds[bytes[at + 8]] & kinds[bytes[at + 16]] & letterOrDigit) !== 0
    if (inRun && isKeyLong(bytes, at, from, to)) return true
  }
  return false
}

function createSampling(): Scan {
  const reader = new PhraseWords()
  const holdsRow: Scan = (bytes, from, to) => {
    for (let at = from; at < to; at += stride) {
      const word = mayBeWord(bytes, at, from, to)
      // between two places without a word stands none either
      const next = word < 0 ? -word : rowAt(reader, bytes, at, from, to)
      if (next === isRow) return true
      at = Math.max(at, next - stride)
    }
    return false
  }
  return (bytes, from, to) => holdsKey(bytes, from, to) || (mayHoldRow(bytes, from, to) && holdsRow(bytes, from, to))
}

/** The newest six pairs, one bit each: digits or not. */
interface PairState {
  digits: number
}

/**
 * The next pair, from the one at `from` on, that with the pair before it may show a needle, or is the sixth of digits: 13 digits hold six wherever
 * they begin. `even` where there is none. The pair at `from` is read as the first.
 */
function nextHit(bytes: Uint8Array, table: Int32Array, from: number, even: number, state: PairState): number {
  let previous = 0
  // the first pair was counted where it was found
  let digits = state.digits >> 1
  for (let i = from; i < even; i += 2) {
    const entry = table[(bytes[i] << 8) | bytes[i + 1]]
    digits = ((digits << 1) | ((entry >>> 15) & 1)) & sixPairs
    if ((previous & (entry >>> 16)) !== 0 || digits === sixPairs) {
      state.digits = digits
      return i
    }
    previous = entry
  }
  return even
}

/** The scan for the usual needles and those of the options, which take the place of usual ones of the same text. */
export function createScan(extra: readonly Needle[]): Scan {
  const replaced = new Set(extra.map(({ text }) => text))
  const needles = [...usualNeedles.filter(({ text }) => !replaced.has(text)), ...extra]
  const pairs = pairTable(needles)
  const { next, found } = trieOf(needles)
  const checks = needles.map(({ check }) => check)
  const sampling = createSampling()

  const isNeedleAt = (bytes: Uint8Array, start: number, from: number, to: number): boolean => {
    let node = 1
    for (let i = start; i < to; i++) {
      node = next[node * 256 + bytes[i]]
      if (node === 0) return false
      if (found[node] !== 0 && passes(checks[found[node] - 1], bytes, start, i + 1, { from, to })) return true
    }
    return false
  }

  const isNeedleNear = (bytes: Uint8Array, start: number, from: number, to: number): boolean =>
    isNeedleAt(bytes, start, from, to) ||
    isNeedleAt(bytes, start + 1, from, to) ||
    (start > from && isNeedleAt(bytes, start - 1, from, to))

  const state: PairState = { digits: 0 }
  const byPairs: Scan = (bytes, from, to) => {
    const even = from + ((to - from) & ~1)
    state.digits = 0
    let at = nextHit(bytes, pairs, from, even, state)
    while (at < even) {
      if (state.digits === sixPairs) {
        const end = digitRunEnd(bytes, at, to)
        if (holdsCard(bytes, digitRunStart(bytes, at, from), end, { from, to })) return true
        state.digits = 0
        at = Math.max(at + 2, from + ((end - 1 - from) & ~1))
      } else if (isNeedleNear(bytes, at - 2, from, to)) return true
      at = nextHit(bytes, pairs, at, even, state)
    }
    // the last byte of an odd number, and what a needle at the very end expects behind itself
    const before = even - from >= 2 ? pairs[(bytes[even - 2] << 8) | bytes[even - 1]] : 0
    const last = pairs[even < to ? bytes[even] << 8 : 0]
    if ((before & (last >>> 16)) !== 0 && isNeedleNear(bytes, even - 2, from, to)) return true
    return (last & (pairs[0] >>> 16)) !== 0 && isNeedleNear(bytes, even, from, to)
  }
  return (bytes, from, to) => byPairs(bytes, from, to) || (to - from >= shortestSampled && sampling(bytes, from, to))
}
