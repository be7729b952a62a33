// What a line must hold before it is taken apart: short texts that begin or name a secret, found by two tables. A line is read two bytes at a time:
// `pairs` says for each two bytes which groups of needles may begin there and which may go on there, so that a needle shows wherever it stands;
// then a trie says which one it is.

/** How a needle that was found is looked at before the line counts as suspicious. */
export type NeedleCheck =
  /** It is enough by itself. */
  | 'always'
  /** Ends or is followed by letters and then by what stands behind a name: a quote, a colon, an equals sign, a control byte. */
  | 'name'
  /** As `name`, or a long run of hex digits stands soon behind it. */
  | 'name_or_hex'
  /** As `name`, without letters between. */
  | 'short_name'
  /** `key`, where a word such as `api` or `private` stands before it. */
  | 'key'
  /** A run of letters, digits, `_`, `-`, `.` behind it. */
  | 'shape'
  | 'scheme'
  | 'url'
  | 'escape'
  | 'bot'

export interface Needle {
  /** Lower case, ASCII, three bytes or more. */
  readonly text: string
  readonly check: NeedleCheck
}

const named = (check: NeedleCheck, texts: string): readonly Needle[] =>
  texts.split(' ').map((text) => ({ text, check }))

export const usualNeedles: readonly Needle[] = [
  ...named('name', 'password passwd passphrase passcode token authorization cookie credential phrase entropy keypair'),
  ...named('name_or_hex', 'secret seed private privkey mnemonic'),
  ...named('short_name', 'pass pwd jwt cvv cvc cvv2'),
  ...named('key', 'key'),
  ...named(
    'shape',
    'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xoxa- xoxb- xoxc- xoxd- xoxe xoxp- xoxr- xoxs- xapp- akia asia',
  ),
  ...named('shape', 'sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sk- aiza sg. npm_ pypi- dop_v1_ shpat_ hf_ ya29. eyj'),
  ...named('scheme', 'bearer basic'),
  ...named('url', ':// :\\/ :\\\\'),
  ...named('always', '?key= &key= ?sig= &sig= ?signature= &signature= ?code= &code='),
  { text: 'private key-----', check: 'always' },
  { text: 'private key block-----', check: 'always' },
  ...named('escape', '\\u0 \\u1 \\u2 \\u3 \\u4 \\u5 \\u6 \\u7 \\u8 \\u9 \\ua \\ub \\uc \\ud \\ue \\uf'),
  ...named('bot', ':aa'),
]

/** The number of groups that one entry of `pairs` has room for, once as begin and once as going on. */
const groups = 15
/** Both bytes are digits or stand between digits of a card. */
const digitPair = 1 << 15

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte)

/** Bytes that are this letter, in either case. */
function spellings(byte: number): readonly number[] {
  return byte >= 97 && byte <= 122 ? [byte, byte - 32] : [byte]
}

const anyByte: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte)

/** A needle begins at either byte of a pair, hence two ways for each: the pairs that may be the first, and those that may follow. */
interface Way {
  readonly begins: readonly number[]
  readonly follows: readonly number[]
}

const pairsOf = (firsts: readonly number[], seconds: readonly number[]): readonly number[] =>
  firsts.flatMap((first) => seconds.map((second) => first * 256 + second))

function waysOf(text: string): readonly Way[] {
  const at = (index: number): readonly number[] => (index < text.length ? spellings(text.charCodeAt(index)) : anyByte)
  const straight = { begins: pairsOf(at(0), at(1)), follows: pairsOf(at(2), at(3)) }
  const shifted =
    text.length > 3
      ? { begins: pairsOf(at(1), at(2)), follows: pairsOf(at(3), at(4)) }
      : { begins: pairsOf(anyByte, at(0)), follows: pairsOf(at(1), at(2)) }
  return [straight, shifted]
}

/** For two bytes (first * 256 + second): the low 15 bits are groups that may begin here, bits 16 to 30 those that may go on here. */
export function pairTable(needles: readonly Needle[]): Int32Array {
  const table = new Int32Array(65536)
  inGroups(needles.flatMap(({ text }) => waysOf(text))).forEach(({ begins, follows }, group) => {
    for (const pair of begins) table[pair] |= 1 << group
    for (const pair of follows) table[pair] |= 1 << (group + 16)
  })
  const digitish = [32, 45, ...Array.from({ length: 10 }, (_, digit) => 48 + digit)]
  for (const pair of pairsOf(digitish, digitish)) table[pair] |= digitPair
  return table
}

interface Group {
  readonly begins: Set<number>
  readonly follows: Set<number>
  beginWeight: number
  followWeight: number
}

/** How often a byte stands in logs, roughly. */
function weightOf(byte: number): number {
  if (byte >= 97 && byte <= 122) return 8
  if (byte >= 65 && byte <= 90) return 0.5
  return byte >= 128 ? 0.1 : 2
}

const pairWeight = (pair: number): number => weightOf(pair >>> 8) * weightOf(pair & 255)

/** Each way where it adds least to what a group lets through by mixing the begin of one with what follows another. */
function inGroups(ways: readonly Way[]): readonly Group[] {
  const made: Group[] = Array.from({ length: groups }, () => {
    return { begins: new Set(), follows: new Set(), beginWeight: 0, followWeight: 0 }
  })
  const added = (known: ReadonlySet<number>, pairs: readonly number[]): number =>
    pairs.reduce((sum, pair) => (known.has(pair) ? sum : sum + pairWeight(pair)), 0)
  for (const way of ways.toSorted((a, b) => b.begins.length + b.follows.length - a.begins.length - a.follows.length)) {
    let best: { group: Group; begin: number; follow: number; cost: number } | undefined
    for (const group of made) {
      const begin = group.beginWeight + added(group.begins, way.begins)
      const follow = group.followWeight + added(group.follows, way.follows)
      const cost = begin * follow - group.beginWeight * group.followWeight
      if (best === undefined || cost < best.cost) best = { group, begin, follow, cost }
    }
    if (best === undefined) continue
    for (const pair of way.begins) best.group.begins.add(pair)
    for (const pair of way.follows) best.group.follows.add(pair)
    best.group.beginWeight = best.begin
    best.group.followWeight = best.follow
  }
  return made
}

/** All needles as one table: `next[node * 256 + byte]` is the next node, 0 none; `found[node]` is the needle's number plus one. */
export interface Trie {
  readonly next: Uint16Array
  readonly found: Uint16Array
}

export function trieOf(needles: readonly Needle[]): Trie {
  const nodes = 2 + needles.reduce((sum, { text }) => sum + text.length, 0)
  const next = new Uint16Array(nodes * 256)
  const found = new Uint16Array(nodes)
  // node 0 is "none", node 1 the root
  let used = 2
  needles.forEach(({ text }, number) => {
    let node = 1
    for (let i = 0; i < text.length; i++) {
      const byte = lower(text.charCodeAt(i))
      if (next[node * 256 + byte] === 0) {
        for (const spelling of spellings(byte)) next[node * 256 + spelling] = used
        used++
      }
      node = next[node * 256 + byte]
    }
    found[node] = number + 1
  })
  return { next, found }
}
