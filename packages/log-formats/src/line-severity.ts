// How severe a line of plain text says it is, where nobody said so beside it. Once a line without a severity (bench/src/line-severity.ts): bytes alone,
// nothing is made, and no further than the head of the line is looked at. Rather none than a wrong one: a word within a sentence says nothing.
import { severityOfLevel, severityOfNumber } from '@tidewatch/core/log-severity.ts'
import { knownWord, onlyCapitals, onlyMarked, severityBits } from './severity-words.ts'

/** Bytes from the line's begin in which its time may stand, and bytes behind that in which its severity may. */
const timeBytes = 48
const headBytes = 64
/** Bytes in which `level=` of a line of such pairs may stand. */
const pairsBytes = 256
/** Longer words are none that are known. */
const maxWordBytes = 96

/** OpenTelemetry's number of what the bytes from `from` to `to` say at their begin; 0 where they say nothing. */
export function severityInLine(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  // a byte order mark, blanks
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3
  while (at < to && bytes[at] <= blank && bytes[at] !== escapeByte) at++
  if (at >= to || bytes[at] === 0x7b) return 0
  return ofPriority(bytes, at, to) || ofKlog(bytes, at, to) || ofHead(bytes, at, to)
}

const escapeByte = 0x1b
const blank = 0x20
const quote = 0x22
const colon = 0x3a
const equals = 0x3d
const open = 0x5b
const close = 0x5d
const bar = 0x7c

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
const isCapital = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a
const isSmall = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a
const isBlank = (byte: number): boolean => byte <= blank

/** `<3>`, as the kernel and services under systemd write it, and syslog's with the facility: sd-daemon(3), RFC 5424 6.2.1. */
function ofPriority(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== 0x3c) return 0
  let priority = 0
  let at = from + 1
  while (at < to && at < from + 4 && isDigit(bytes[at])) priority = priority * 10 + bytes[at++] - 0x30
  if (at === from + 1 || at >= to || bytes[at] !== 0x3e || priority > 191) return 0
  return severityOfNumber(priority & 7, 'syslog')
}

/** `E1121 12:00:01.123456`: glog's and klog's letter, month and day. */
function ofKlog(bytes: Uint8Array, from: number, to: number): number {
  const severity = klogSeverity(bytes[from])
  if (severity === 0 || to - from < 12) return 0
  for (let at = from + 1; at < from + 5; at++) if (!isDigit(bytes[at])) return 0
  let at = from + 5
  if (bytes[at++] !== blank) return 0
  while (bytes[at] === blank && at < from + 8) at++
  return isDigit(bytes[at]) && isDigit(bytes[at + 1]) && bytes[at + 2] === colon ? severity : 0
}

function klogSeverity(letter: number): number {
  if (letter === 0x49) return 9
  if (letter === 0x57) return 13
  if (letter === 0x45) return 17
  return letter === 0x46 ? 21 : 0
}

/** A word of the head and what stands around it. */
interface Place {
  /** Of the word. */
  from: number
  to: number
  /** The byte right before it, and right behind it; 0 at an end. Colours do not count. */
  before: number
  after: number
  /** The last byte between the former word and this one that is no blank, the first such behind it; 0 where there is none. */
  opener: number
  closer: number
  /** Whether a tab or `|` stands between it and the former word. */
  isColumn: boolean
  /** Words before it that stand alone like words of a sentence, and whether the one right before it is such. */
  plain: number
  isAfterPlain: boolean
}

function ofHead(bytes: Uint8Array, from: number, to: number): number {
  const place = {
    from,
    to: from,
    before: 0,
    after: 0,
    opener: 0,
    closer: 0,
    isColumn: false,
    plain: 0,
    isAfterPlain: false,
  }
  let end = Math.min(to, from + timeBytes)
  let isInTime = true
  while (nextWord(bytes, place, to, end)) {
    if (isInTime && isTimeWord(bytes, place.from, place.to)) continue
    if (isInTime) end = Math.min(to, place.from + headBytes)
    if (isInTime && place.after === equals) return inPairs(bytes, place.from, Math.min(to, place.from + pairsBytes))
    isInTime = false
    const found = ofPlace(bytes, place, to)
    if (found !== 0) return found
    const isPlain = isPlainWord(bytes, place)
    // two words in a row: the sentence has begun
    if (isPlain && place.isAfterPlain) return 0
    if (isPlain) place.plain++
    place.isAfterPlain = isPlain
  }
  return 0
}

/** Goes to the next word that begins before `end`; false where there is none, or where a quotation begins. */
function nextWord(bytes: Uint8Array, place: Place, to: number, end: number): boolean {
  let at = place.to
  place.before = at === 0 ? 0 : place.after
  place.opener = 0
  place.isColumn = false
  if (at === place.from) place.before = 0
  for (; at < end && wordBytes[bytes[at]] === 0; at++) {
    const byte = bytes[at]
    if (byte === quote) return false
    if (byte === escapeByte) {
      at = colourEnd(bytes, at, to) - 1
      continue
    }
    place.before = byte
    if (!isBlank(byte)) place.opener = byte
    if (byte === bar || byte === 0x09) place.isColumn = true
  }
  if (at >= end) return false
  place.from = at
  while (at < to && wordBytes[bytes[at]] === 1) {
    if (at - place.from > maxWordBytes) return false
    at++
  }
  place.to = at
  while (at < to && bytes[at] === escapeByte) at = colourEnd(bytes, at, to)
  place.after = at < to ? bytes[at] : 0
  while (at < to && isBlank(bytes[at])) at = bytes[at] === escapeByte ? colourEnd(bytes, at, to) : at + 1
  place.closer = at < to ? bytes[at] : 0
  return true
}

/** Behind `ESC [ … m`, or behind the escape where it is no colour. */
function colourEnd(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from + 1] !== open) return from + 1
  let at = from + 2
  while (at < to && at < from + 16 && (isDigit(bytes[at]) || bytes[at] === 0x3b)) at++
  return at < to && bytes[at] === 0x6d ? at + 1 : from + 1
}

/** What separates words: blanks, brackets, quotes, and `,` `;` `:` `=` `|`. */
const wordBytes = new Uint8Array(256).fill(1, 0x21)
for (const byte of Buffer.from('|[]<>(){}"\',;:=')) wordBytes[byte] = 0

const monthsAndDays = new Set(
  'jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun utc gmt'
    .split(' ')
    .map((name) => (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2)),
)

/** Part of a time, or a number. */
function isTimeWord(bytes: Uint8Array, from: number, to: number): boolean {
  const lower = (at: number): number => bytes[at] | 0x20
  if (to - from === 3 && monthsAndDays.has((lower(from) << 16) | (lower(from + 1) << 8) | lower(from + 2))) return true
  // 21/Nov/2026, 21-Nov-2026
  let letters = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (isDigit(byte) || (byte >= 0x2b && byte <= 0x2f) || byte === 0x5a || byte === 0x54) continue
    if (++letters > 3 || !(isCapital(byte) || isSmall(byte))) return false
  }
  return letters === 0 || (letters === 3 && to - from >= 9 && isDigit(bytes[from]) && isDigit(bytes[to - 1]))
}

/** As it stands in a sentence: letters, not all of them capitals, blanks around it. */
function isPlainWord(bytes: Uint8Array, { from, to, before, after }: Place): boolean {
  if (!isBlank(before) || !(isBlank(after) || after === 0x2c)) return false
  let hasSmall = false
  for (let at = from; at < to; at++) {
    if (isSmall(bytes[at])) hasSmall = true
    else if (!isCapital(bytes[at])) return false
  }
  return hasSmall
}

function ofPlace(bytes: Uint8Array, place: Place, to: number): number {
  const { from, to: end, after, plain } = place
  if (after === equals) return isLevelKey(bytes, from, end) ? ofValue(bytes, end + 1, to) : 0
  if (plain === 0 && isBlank(place.before)) {
    const severity = ofOpening(bytes, from, to)
    if (severity !== 0) return severity
  }
  const word = knownWord(bytes, from, end)
  if (word === 0) return after === colon ? ofLongName(bytes, place, to) : 0
  const severity = word & severityBits
  const isCapitals = isAllCapitals(bytes, from, end)
  if ((word & onlyCapitals) !== 0 && !isCapitals) return 0
  if (isMarked(bytes, place, to)) return severity
  return isCapitals && (word & onlyMarked) === 0 && isApart(place) ? severity : 0
}

/** Whether brackets, columns or a colon make the word a label, in whatever case it is. */
function isMarked(bytes: Uint8Array, place: Place, to: number): boolean {
  const { before, after, opener, closer, plain, isAfterPlain } = place
  if (plain > 1) return false
  if ((opener === open && closer === close) || (opener === 0x3c && closer === 0x3e)) return true
  // Apache's [core:error]
  if (before === colon && after === close) return true
  if (place.isColumn && (closer === bar || after === 0x09)) return true
  if (isAfterPlain) return false
  if (after === close && isBlank(before)) return true
  return after === colon && isBlank(before) && isTold(bytes, place.to, to)
}

/** A word in capitals that is none of a longer one. */
function isApart({ before, after }: Place): boolean {
  const isBegun = isBlank(before) || before === bar || before === open || before === 0x28
  if (before === colon) return after === colon
  return (
    isBegun &&
    (isBlank(after) || after === bar || after === close || after === 0x29 || after === colon || after === 0x2c)
  )
}

/** Whether something is told behind the colon: `errors: 0` and `error: null` tell of none. */
function isTold(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  while (at < to && bytes[at] !== colon) at++
  at++
  if (at < to && !isBlank(bytes[at])) return false
  while (at < to && isBlank(bytes[at])) at++
  return !nothings.some((nothing) => startsWith(bytes, at, to, nothing))
}

const nothings = ['0', 'null', 'none', 'nil', 'undefined', 'false'].map((text) => Buffer.from(text))

/** Monolog's `local.ERROR:`, and what is thrown by its name: `java.io.IOException:`, `TypeError:`, `DeprecationWarning:`. */
function ofLongName(bytes: Uint8Array, { from, to: end, before, plain }: Place, to: number): number {
  if (!isBlank(before) || plain > 0) return 0
  const point = bytes.lastIndexOf(0x2e, end - 1)
  if (point > from && isAllCapitals(bytes, point + 1, end)) {
    const word = knownWord(bytes, point + 1, end)
    if (word !== 0) return word & severityBits
  }
  if (!isTold(bytes, end, to)) return 0
  for (const { name, severity } of thrown) {
    if (end - from > name.length && startsWith(bytes, end - name.length, end, name)) return severity
  }
  return 0
}

const thrown = Object.entries({ Error: 17, Exception: 17, Warning: 13 }).map(([name, severity]) => ({
  name: Buffer.from(name),
  severity,
}))

/** How programs begin what they say when they break down. */
const openings = Object.entries({
  'Traceback (most recent call last)': 17,
  'Exception in thread ': 17,
  'Unhandled exception': 17,
  'Unhandled Exception': 17,
  'Uncaught ': 17,
  'fatal error: ': 21,
  'Fatal error: ': 21,
  'Parse error: ': 17,
  'panic: ': 21,
  'Segmentation fault': 21,
}).map(([text, severity]) => ({ text: Buffer.from(text), severity }))

/** Rust's: thread 'main' panicked at src/main.rs:2:5 */
const rustThread = Buffer.from("thread '")
const rustPanic = Buffer.from("' panicked at")

function ofOpening(bytes: Uint8Array, from: number, to: number): number {
  for (const { text, severity } of openings) {
    if (bytes[from] === text[0] && startsWith(bytes, from, to, text)) return severity
  }
  if (!startsWith(bytes, from, to, rustThread)) return 0
  const last = Math.min(to, from + headBytes)
  for (let at = from + rustThread.length; at < last; at++) if (startsWith(bytes, at, to, rustPanic)) return 21
  return 0
}

function startsWith(bytes: Uint8Array, at: number, to: number, text: Uint8Array): boolean {
  if (at + text.length > to) return false
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}

function isAllCapitals(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isCapital(bytes[at])) return false
  return to > from
}

const levelKeys = ['level', 'lvl', 'severity', 'loglevel', 'log_level', 'log.level', 'levelname'].map((key) =>
  Buffer.from(key),
)

const isLevelKey = (bytes: Uint8Array, from: number, to: number): boolean =>
  levelKeys.some((key) => key.length === to - from && startsWith(bytes, from, to, key))

/** What `level=` says, with quotes or without. */
function ofValue(bytes: Uint8Array, from: number, to: number): number {
  const start = bytes[from] === quote ? from + 1 : from
  let at = start
  while (at < to && at - start <= maxWordBytes && wordBytes[bytes[at]] === 1) at++
  if (at - start > 0 && at - start <= 4 && isDigit(bytes[start])) {
    let level = 0
    for (let i = start; i < at; i++) {
      if (!isDigit(bytes[i])) return 0
      level = level * 10 + bytes[i] - 0x30
    }
    return severityOfLevel(level)
  }
  return knownWord(bytes, start, at) & severityBits
}

/** logfmt: the first pair that is called like a level. */
function inPairs(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to) {
    const start = at
    while (at < to && bytes[at] !== equals && !isBlank(bytes[at])) at++
    if (at < to && bytes[at] === equals) {
      if (isLevelKey(bytes, start, at)) return ofValue(bytes, at + 1, to)
      at++
      if (bytes[at] === quote) for (at++; at < to && bytes[at] !== quote; at++) if (bytes[at] === 0x5c) at++
      while (at < to && !isBlank(bytes[at])) at++
    }
    while (at < to && isBlank(bytes[at])) at++
  }
  return 0
}
