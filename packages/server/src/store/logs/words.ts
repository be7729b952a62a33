// Words of a text in SQL, exactly as `tokenize` of logquery cuts them.
import { asciiWordPattern, wordPattern } from '@tidewatch/logquery/analysis.ts'
import { literal } from '../literal.ts'

/** Characters of a word; longer ones are pieces. */
const maxWordLength = 255

/** What the name in `wordsPreamble` stands for is long, so it is said once a statement. */
const unicodeName = 'unicode_words'

let preamble: string | undefined

/** What a statement begins with whose conditions cut texts into words; '' for others. */
export function wordsPreamble(sql: string): string {
  if (!sql.includes(unicodeName)) return ''
  preamble ??= `WITH ${literal(wordPattern(setOf))} AS ${unicodeName} `
  return preamble
}

/** An array of the words of a text in lower case. */
export function wordsOf(text: string): string {
  const words = `if(isValidASCII(${text}), ${asciiWordsOf(text)}, extractAll(${lowerOf(text)}, ${unicodeName}))`
  const pieces = `extractAll(word, '(?s).{1,${maxWordLength}}')`
  return `arrayFlatten(arrayMap(word -> if(length(word) <= ${maxWordLength}, [word], ${pieces}), ${words}))`
}

/** The same of a text that is ASCII and has no longer words. */
export const asciiWordsOf = (text: string): string => `extractAll(lower(${text}), ${literal(asciiWordPattern)})`

/** Lower case letter by letter, as `toLowerSimple` has it: the engine makes two of İ, and looks at what stands beside Σ. */
export const lowerOf = (text: string): string => `lowerUTF8(translateUTF8(${text}, 'İΣ', 'iσ'))`

/** Words of the index (asciiCJK) that are in each text in which the word is one of `tokenize`. */
export function indexedPieces(word: string): string[] {
  return word.match(indexedPiece) ?? []
}
// letters of ASCII hold together by : . ' and digits by . ' as in the words themselves; every character beyond ASCII is a word of its own
const indexedPiece =
  /_*(?:[a-z]+(?:[:.'][a-z]+)*|[0-9]+(?:[.'][0-9]+)*)(?:_*(?:[a-z]+(?:[:.'][a-z]+)*|[0-9]+(?:[.'][0-9]+)*))*_*|\P{ASCII}/gu

/** A set of characters as RE2 reads it. It knows no differences of sets: those are spelled out. */
function setOf(unicodeSet: string): string {
  if (!unicodeSet.includes('--'))
    return unicodeSet.replace(/\\p\{sc=(\w+)\}/g, '\\p{$1}').replace(/\\u([0-9A-F]{4})/g, '\\x{$1}')
  let ranges = ''
  for (const { 0: run } of allCharacters().matchAll(new RegExp(`${unicodeSet}+`, 'gv'))) {
    // neighbours in the text are neighbours in Unicode, except around the surrogates, which belong to no set
    const first = String.fromCodePoint(run.codePointAt(0) as number)
    const last = [...run.slice(-2)].at(-1) as string
    ranges += first === last ? first : `${first}-${last}`
  }
  return `[${ranges}]`
}

/** Letters, marks and digits lie in the first four planes; format characters and selectors in the fifteenth. */
function allCharacters(): string {
  let text = ''
  for (const [from, to] of [
    [0, 0xd7ff],
    [0xe000, 0x3ffff],
    [0xe0000, 0xe0fff],
  ] as const) {
    for (let at = from; at <= to; at++) text += String.fromCodePoint(at)
  }
  return text
}
