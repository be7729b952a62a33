// Seed phrases: words of one list in a row, of which some number has the right checksum. BIP-39 (bitcoin/bips, bip-0039.mediawiki) and TON's own
// (ton-org, "mnemonic": PBKDF2 with SHA-512 over the HMAC of the words).
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { leastWords, PhraseWords } from './phrase-words.ts'
import { wordLists, wordTable } from './word-lists.ts'

/** Bytes between two words of a phrase at most: numbering, quotes, line breaks, keys. In JSON an escape takes six for one. */
const widestGap = 48
/** Longest row that is looked at window by window. Longer ones are masked without a look: nobody writes them but with a list of words. */
const longestRow = 120
/** TON's check costs about 0.4 ms, so a text gets this many; above, a row counts as a phrase. */
const tonChecks = 64
const bipLengths = [24, 21, 18, 15, 12]
const tonLength = 24

/** Bytes `start` to `end` hold a seed phrase. */
export interface PhraseSpan {
  readonly start: number
  readonly end: number
}

interface Row {
  words: number[]
  start: number
  end: number
}

/** Every row of words that holds a valid phrase, whole: that words beside the phrase go with it is better than that some of it stay. */
export function findSeedPhrases(bytes: Uint8Array, from: number, to: number): readonly PhraseSpan[] {
  const spans: PhraseSpan[] = []
  const budget = { ton: tonChecks }
  eachRow(bytes, from, to, (row) => {
    if (holdsPhrase(row.words, budget)) spans.push({ start: row.start, end: row.end })
  })
  return spans
}

function eachRow(bytes: Uint8Array, from: number, to: number, visit: (row: Row) => void): void {
  const reader = new PhraseWords()
  reader.open(bytes, from, to)
  let row: Row = { words: [], start: from, end: from }
  const close = (): void => {
    if (row.words.length >= leastWords) visit(row)
    row = { words: [], start: 0, end: 0 }
  }
  while (reader.next()) {
    if (reader.word === 0 || (row.words.length > 0 && reader.start - row.end > widestGap)) close()
    if (reader.word === 0) continue
    if (row.words.length === 0) row.start = reader.start
    row.words.push(reader.word)
    row.end = reader.end
  }
  close()
}

function holdsPhrase(words: readonly number[], budget: { ton: number }): boolean {
  if (words.length > longestRow) return true
  for (let list = 0; list < wordLists.length; list++) {
    if (listHoldsPhrase(words, list)) return true
  }
  return holdsTonPhrase(words, budget)
}

/** A phrase is of one list, though a word may be of several. */
function listHoldsPhrase(words: readonly number[], list: number): boolean {
  const table = wordTable()
  const bit = 1 << list
  let row: number[] = []
  for (const word of words) {
    if ((table.lists(word) & bit) === 0) {
      if (hasBipWindow(row)) return true
      row = []
    } else row.push(table.index(word, list))
  }
  return hasBipWindow(row)
}

function hasBipWindow(indexes: readonly number[]): boolean {
  for (const length of bipLengths) {
    for (let at = 0; at + length <= indexes.length; at++) {
      if (hasBipChecksum(indexes.slice(at, at + length))) return true
    }
  }
  return false
}

/** 11 bits a word: entropy, then as checksum the first bits of its SHA-256, one for 32 of entropy. */
export function hasBipChecksum(indexes: readonly number[]): boolean {
  const checksumBits = (indexes.length * 11) / 33
  const entropyBits = indexes.length * 11 - checksumBits
  const entropy = new Uint8Array(entropyBits / 8)
  let checksum = 0
  let bitAt = 0
  for (const index of indexes) {
    for (let bit = 10; bit >= 0; bit--, bitAt++) {
      const value = (index >>> bit) & 1
      if (bitAt < entropyBits) entropy[bitAt >>> 3] |= value << (7 - (bitAt & 7))
      else checksum = (checksum << 1) | value
    }
  }
  const first = createHash('sha256').update(entropy).digest()[0]
  return first >>> (8 - checksumBits) === checksum
}

function holdsTonPhrase(words: readonly number[], budget: { ton: number }): boolean {
  const table = wordTable()
  const english: string[] = []
  for (const word of words) {
    if ((table.lists(word) & 1) === 0) english.length = 0
    else english.push(wordLists[0][table.index(word, 0)])
    if (english.length < tonLength) continue
    if (budget.ton <= 0) return true
    budget.ton--
    if (isTonPhrase(english.slice(-tonLength))) return true
  }
  return false
}

/** Whether TON's wallets take these words: as a plain phrase, or as one that wants a password beside it. */
export function isTonPhrase(words: readonly string[]): boolean {
  const entropy = createHmac('sha512', words.join(' ')).digest()
  if (pbkdf2Sync(entropy, 'TON seed version', 390, 64, 'sha512')[0] === 0) return true
  return pbkdf2Sync(entropy, 'TON fast seed version', 1, 64, 'sha512')[0] === 1
}
