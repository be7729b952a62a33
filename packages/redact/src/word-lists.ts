// The words of seed phrases: the ten lists of BIP-39. TON's wallets use the English one. Looked up by their bytes, as they stand in a line.
import { wordlist as czech } from '@scure/bip39/wordlists/czech.js'
import { wordlist as english } from '@scure/bip39/wordlists/english.js'
import { wordlist as french } from '@scure/bip39/wordlists/french.js'
import { wordlist as italian } from '@scure/bip39/wordlists/italian.js'
import { wordlist as japanese } from '@scure/bip39/wordlists/japanese.js'
import { wordlist as korean } from '@scure/bip39/wordlists/korean.js'
import { wordlist as portuguese } from '@scure/bip39/wordlists/portuguese.js'
import { wordlist as simplifiedChinese } from '@scure/bip39/wordlists/simplified-chinese.js'
import { wordlist as spanish } from '@scure/bip39/wordlists/spanish.js'
import { wordlist as traditionalChinese } from '@scure/bip39/wordlists/traditional-chinese.js'

/** English first: number 0 is the list that TON uses too. */
export const wordLists: readonly (readonly string[])[] = [
  english,
  spanish,
  french,
  italian,
  portuguese,
  czech,
  japanese,
  korean,
  simplifiedChinese,
  traditionalChinese,
]

/** Entries: twice as many places as words in all spellings, and a power of two. */
const places = 65536

/** Finds words by their bytes; ASCII letters in either case. Accents count composed and decomposed. */
export interface WordTable {
  /** A number for the word, 0 where it is in no list. */
  find(bytes: Uint8Array, from: number, to: number): number
  /** The lists that hold this word (one bit each), and its index in each. */
  lists(word: number): number
  index(word: number, list: number): number
}

interface Building {
  readonly slots: Int32Array
  readonly starts: number[]
  readonly pool: number[]
  readonly indexes: Map<number, number>[]
}

const fold = (byte: number): number => (byte >= 65 && byte <= 90 ? byte | 32 : byte)

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ fold(bytes[i]), 0x01000193)
  return (hash ^ (hash >>> 15)) & (places - 1)
}

function buildTable(): WordTable {
  const building: Building = { slots: new Int32Array(places), starts: [0], pool: [], indexes: [new Map()] }
  const encoder = new TextEncoder()
  wordLists.forEach((list, number) => {
    list.forEach((word, index) => {
      for (const form of new Set([word, word.normalize('NFC'), word.normalize('NFD')])) {
        enter(building, encoder.encode(form), number, index)
      }
    })
  })
  const { slots, indexes } = building
  const starts = Int32Array.from([...building.starts, building.pool.length])
  const pool = Uint8Array.from(building.pool)
  const masks = indexes.map((byList) => [...byList.keys()].reduce((mask, list) => mask | (1 << list), 0))
  return {
    find: (bytes, from, to) => lookUp(bytes, from, to, slots, starts, pool),
    lists: (word) => masks[word] ?? 0,
    index: (word, list) => indexes[word]?.get(list) ?? 0,
  }
}

function enter(building: Building, bytes: Uint8Array, list: number, index: number): void {
  const { slots, starts, pool, indexes } = building
  let slot = slotOf(bytes, 0, bytes.length)
  while (slots[slot] !== 0) {
    const word = slots[slot]
    const known = pool.slice(starts[word], starts[word + 1] ?? pool.length)
    if (known.length === bytes.length && known.every((byte, i) => byte === bytes[i])) {
      indexes[word].set(list, index)
      return
    }
    slot = (slot + 1) & (places - 1)
  }
  slots[slot] = indexes.length
  starts.push(pool.length)
  pool.push(...bytes)
  indexes.push(new Map([[list, index]]))
}

function lookUp(
  bytes: Uint8Array,
  from: number,
  to: number,
  slots: Int32Array,
  starts: Int32Array,
  pool: Uint8Array,
): number {
  for (let slot = slotOf(bytes, from, to); slots[slot] !== 0; slot = (slot + 1) & (places - 1)) {
    const word = slots[slot]
    const start = starts[word]
    if (starts[word + 1] - start !== to - from) continue
    let i = from
    while (i < to && fold(bytes[i]) === pool[start + i - from]) i++
    if (i === to) return word
  }
  return 0
}

let table: WordTable | undefined

/** Built at the first call, once for a process. */
export function wordTable(): WordTable {
  table ??= buildTable()
  return table
}
