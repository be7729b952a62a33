// The words by which lines of text say how severe they are. Fewer than a field called `level` may hold: those that nobody writes for anything else
// where line-severity.ts looks for them.
import { severityOfWord } from '@tidewatch/core/log-severity.ts'

/** Of what `knownWord` gives: OpenTelemetry's number. */
export const severityBits = 31
/** The word says something only with brackets or a colon, or only in capitals: alone it is a word as others are. */
export const onlyMarked = 32
export const onlyCapitals = 64

const plain = `trace trc trce debug dbg dbug verbose vrb info inf information notice warn warning wrn error err severe fatal ftl
  critical crit emerg emergency panic`
const marked = 'alert fail'
const markedCapitals = 'fine config'

interface Word {
  readonly letters: Uint8Array
  /** Number and flags. */
  readonly meaning: number
}

const byLetter: readonly Word[][] = Array.from({ length: 32 }, () => [])
function add(text: string, severity: number, flags: number): void {
  const letters = Buffer.from(text)
  byLetter[letters[0] & 31].push({ letters, meaning: severity | flags })
}
for (const text of plain.split(/\s+/)) add(text, severityOfWord(text), 0)
for (const text of marked.split(' ')) add(text, severityOfWord(text), onlyMarked)
for (const text of markedCapitals.split(' ')) add(text, severityOfWord(text), onlyMarked | onlyCapitals)
// Postgres' own
add('log', 9, onlyMarked | onlyCapitals)

/** What a word in any case says, 0 where it is not known. */
export function knownWord(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 3 || to - from > 11 || bytes[from] < 0x41) return 0
  search: for (const { letters, meaning } of byLetter[bytes[from] & 31]) {
    if (letters.length !== to - from) continue
    for (let i = 0; i < letters.length; i++) {
      const byte = bytes[from + i]
      if ((byte | 0x20) !== letters[i] || byte < 0x41) continue search
    }
    return meaning
  }
  return 0
}
