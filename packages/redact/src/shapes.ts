// Secrets that show by their shape alone. Every expression is linear: one class of characters behind a fixed beginning.
import { base58Key } from './base58.ts'
import type { SecretKind } from './kinds.ts'
import type { Span } from './spans.ts'

interface Shape {
  readonly kind: SecretKind
  readonly pattern: RegExp
}

/** Only this group of a match is the secret, where an expression has one. */
const shapes: readonly Shape[] = [
  { kind: 'token', pattern: /(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{20,255}/gi },
  { kind: 'token', pattern: /github_pat_[A-Za-z0-9_]{20,255}/gi },
  { kind: 'token', pattern: /glpat-[\w-]{20,255}/gi },
  { kind: 'token', pattern: /xox[a-eprs][-.][A-Za-z0-9.-]{10,255}/gi },
  { kind: 'token', pattern: /xapp-[A-Za-z0-9-]{20,255}/gi },
  { kind: 'api_key', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: 'api_key', pattern: /(?<![A-Za-z0-9])[sr]k_(?:live|test)_[A-Za-z0-9]{10,255}/gi },
  { kind: 'secret', pattern: /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/]{16,255}/gi },
  { kind: 'api_key', pattern: /(?<![A-Za-z0-9])sk-(?:[a-z]{2,12}-)?[\w-]{20,255}/g },
  { kind: 'api_key', pattern: /(?<![A-Za-z0-9])AIza[\w-]{35}/g },
  { kind: 'api_key', pattern: /(?<![A-Za-z0-9])SG\.[\w-]{16,64}\.[\w-]{16,128}/g },
  { kind: 'token', pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,255}/g },
  { kind: 'token', pattern: /(?<![A-Za-z0-9])pypi-[\w-]{16,512}/g },
  { kind: 'token', pattern: /dop_v1_[a-f0-9]{40,255}/g },
  { kind: 'token', pattern: /shpat_[a-fA-F0-9]{20,255}/g },
  { kind: 'token', pattern: /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{20,255}/g },
  { kind: 'token', pattern: /(?<![A-Za-z0-9])ya29\.[\w-]{20,2048}/g },
  { kind: 'token', pattern: /(?<![\d])\d{6,12}:AA[\w-]{30,50}/g },
  { kind: 'authorization', pattern: /\bBearer +([\w.~+/-]{8,8192}={0,2})/gi },
  { kind: 'authorization', pattern: /\bBasic +([A-Za-z0-9+/]{8,4096}={0,2})/g },
  { kind: 'url_credentials', pattern: /:(?:\/\/|\\\/\\\/)(?!\[redacted)([^\s/?#@:"\\]{0,200}:[^\s/?#"\\]{1,300})@/g },
  { kind: 'api_key', pattern: /[?&](?:key|sig|signature|code)=(?!\[redacted)([^\s"'<>\\#]{8,2048})/gi },
]

/** The first part of a JWT or JWE with what may stand before it, and the others. In one expression each `eyJ` would be read on from. */
const jwtHead = /(?<![\w-])[\w-]{13,}(?=\.)/g
const jwtRest = /\.[\w-]{4,16384}\.[\w-]{0,8192}(?:\.[\w-]{1,16384}){0,2}/y
const longestJwtHead = 8195

const pem = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g
const pemEnd = /-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g
const base58 =
  /(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{51,112}(?![A-Za-z0-9])|(?<=\\[bfnrt])[1-9A-HJ-NP-Za-km-z]{51,112}(?![A-Za-z0-9])/g
const hexKey = /(?<![A-Za-z0-9])(?:0x)?[0-9a-fA-F]{64}(?:[0-9a-fA-F]{64})?(?![A-Za-z0-9])/gi
/** What makes 64 digits that follow a key; what makes them something else is nearer in its place (`seed block hash 0x…`). */
const keyWord = /(?:private|priv[ _-]?key|secret|seed|mnemonic)/gi
const otherWord = /hash|block|tx|transaction|digest|checksum|sha-?256|commit|address|public|root|signature|nonce|topic/i
const keyWordReach = 60

export function shapeSpans(text: string): readonly Span[] {
  const spans: Span[] = []
  for (const { kind, pattern } of shapes) {
    for (const match of text.matchAll(pattern)) {
      const secret = match[1] ?? match[0]
      const start = match.index + match[0].lastIndexOf(secret)
      spans.push({ start, end: start + secret.length, kind })
    }
  }
  for (const span of jwtSpans(text)) spans.push(span)
  return spans
}

function jwtSpans(text: string): readonly Span[] {
  const spans: Span[] = []
  for (const { 0: head, index } of text.matchAll(jwtHead)) {
    const at = head.indexOf('eyJ', Math.max(0, head.length - longestJwtHead))
    if (at < 0 || head.length - at < 13) continue
    jwtRest.lastIndex = index + head.length
    if (jwtRest.test(text)) spans.push({ start: index + at, end: jwtRest.lastIndex, kind: 'token' })
  }
  return spans
}

/** Keys to money that show by themselves or by the words before them. */
export function keySpans(text: string): readonly Span[] {
  return [...pemSpans(text), ...base58Spans(text), ...hexSpans(text)]
}

/** A block that was cut off counts to the text's end. */
function pemSpans(text: string): readonly Span[] {
  const spans: Span[] = []
  let done = 0
  for (const { index } of text.matchAll(pem)) {
    if (index < done) continue
    pemEnd.lastIndex = index
    const end = pemEnd.exec(text)
    done = end === null ? text.length : end.index + end[0].length
    spans.push({ start: index, end: done, kind: 'pem_key' })
  }
  return spans
}

function base58Spans(text: string): readonly Span[] {
  const spans: Span[] = []
  for (const { 0: found, index } of text.matchAll(base58)) {
    const kind = base58Key(found)
    if (kind !== undefined) spans.push({ start: index, end: index + found.length, kind })
  }
  return spans
}

function hexSpans(text: string): readonly Span[] {
  const words = [...text.matchAll(keyWord)].map(({ 0: word, index }) => index + word.length)
  if (words.length === 0) return []
  const spans: Span[] = []
  let word = 0
  for (const { 0: found, index } of text.matchAll(hexKey)) {
    while (word + 1 < words.length && words[word + 1] <= index) word++
    const from = words[word]
    if (from > index || index - from > keyWordReach || otherWord.test(text.slice(from, index))) continue
    spans.push({ start: index, end: index + found.length, kind: 'private_key' })
  }
  return spans
}
