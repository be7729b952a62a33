// What the name of a field says of its value.
import type { MaskedKind } from './kinds.ts'

/** `hex_key`: a value of 64 or 128 hex digits is a key to money there. */
export interface NameMeaning {
  readonly kind: MaskedKind
  /** The value may be a private key or what one is made of. */
  readonly holdsKey: boolean
  /** Only a value that looks like a key or a phrase is meant: `seed` is a number of a random generator too. */
  readonly onlyKey: boolean
  /** Coins and contracts are called so too: addresses and tickers stay. */
  readonly maybeCoin: boolean
}

/** Words that may stand behind the name proper: `passwordHash`, `tokenValue`, `apiKey2`. */
const behind =
  /(?:hash|hashed|digest|plain|text|value|raw|confirm|confirmation|confirmed|repeat|again|new|old|current|salt|header|headers|string|b64|base64|hex|[0-9])$/
const anyKey =
  /(?:api|access|private|priv|secret|signing|signer|signature|encryption|decryption|master|account|auth|server|service|ssh|deploy|shared|wallet|webhook|bot|owner|deployer|relayer|hot|cold|license|consumer|client|app|storage)$/
const coinBefore =
  /^(?:in|out|base|quote|from|to|sell|buy|pay|fee|reward|stake|staking|input|output|source|target|deposit|native|jetton|lp|pool)?token$/
const shortNames: Readonly<Record<string, MaskedKind>> = {
  pass: 'password',
  pwd: 'password',
  jwt: 'token',
  cvv: 'card_number',
  cvv2: 'card_number',
  cvc: 'card_number',
}

/** `max_tokens` of a language model is a number; `refreshTokens` are secret. */
const countOfTokens = /(?<!access|refresh|auth|api|session|bearer|id|device|push)tokens$/

const plain = { holdsKey: false, onlyKey: false, maybeCoin: false }

/** The letters and digits of a name, lower case. */
export const squash = (name: string): string => name.replace(/[_\- ]/g, '').toLowerCase()

/** Whether the text before `key` makes it one that is secret. */
export const isKeyPrefix = (before: string): boolean => anyKey.test(squash(before))

/** What the name says; undefined where nothing. Of a path (`http.headers.cookie`) the last part counts, and parts that hold secrets alone. */
export function meaningOf(name: string): NameMeaning | undefined {
  const parts = name.split('.')
  const own = meaningOfPart(parts[parts.length - 1] ?? '')
  if (own !== undefined) return own
  for (const part of parts) {
    const kind = containers[squash(part)]
    if (kind !== undefined) return { ...plain, kind }
  }
  return undefined
}

/** Objects of which everything is secret. */
const containers: Readonly<Record<string, MaskedKind>> = {
  cookie: 'cookie',
  cookies: 'cookie',
  setcookie: 'cookie',
  credential: 'secret',
  credentials: 'secret',
  secrets: 'secret',
  passwords: 'password',
  authorization: 'authorization',
}

function meaningOfPart(part: string): NameMeaning | undefined {
  const short = shortNames[lastWord(part)]
  if (short !== undefined) return { ...plain, kind: short }
  let name = squash(part)
  for (let i = 0; i < 3 && behind.test(name); i++) name = name.replace(behind, '')
  if (countOfTokens.test(name)) return undefined
  return endingMeaning(name.endsWith('s') && !name.endsWith('pass') ? name.slice(0, -1) : name) ?? endingMeaning(name)
}

function lastWord(part: string): string {
  const words = part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').split(/[_\- ]/)
  return (words[words.length - 1] ?? '').toLowerCase()
}

function endingMeaning(name: string): NameMeaning | undefined {
  if (/(?:password|passwd|passphrase|passcode)$/.test(name)) return { ...plain, kind: 'password' }
  if (name.endsWith('authorization')) return { ...plain, kind: 'authorization' }
  if (name.endsWith('cookie')) return { ...plain, kind: 'cookie' }
  if (name.endsWith('token')) return { ...plain, kind: 'token', maybeCoin: coinBefore.test(name) }
  if (/(?:private|priv|secret|signing|signer|wallet|owner|deployer|relayer|hot|cold|master)key$|keypair$/.test(name)) {
    return { ...plain, kind: 'secret', holdsKey: true }
  }
  if (/(?:mnemonic|(?:seed|recovery|secret|mnemonic|backup)phrase|(?:seed|mnemonic|secret)word)$/.test(name)) {
    return { ...plain, kind: 'secret', holdsKey: true }
  }
  if (/(?:seed|entropy|private)$/.test(name)) return { kind: 'secret', holdsKey: true, onlyKey: true, maybeCoin: false }
  if (/secret$/.test(name)) return { ...plain, kind: 'secret', holdsKey: true }
  if (name.endsWith('credential')) return { ...plain, kind: 'secret' }
  if (name.endsWith('key') && anyKey.test(name.slice(0, -3))) return { ...plain, kind: 'api_key' }
  return undefined
}

const evmOrTonAddress = /^(?:0x[0-9a-f]{40}|-?[01]:[0-9a-f]{64}|[EUk0]Q[A-Za-z0-9_-]{46})$/i
const ticker = /^\$?[A-Z][A-Za-z0-9.]{1,9}$/
const saysNothing =
  /^(?:null|undefined|none|nil|true|false|empty|missing|required|invalid|expired|present|absent|not|is|was|has|and|or|for|redacted|filtered|hidden|[*•xX.#-]{1,64}|\[[a-z_: ]{1,40}\]|<[a-z_: ]{1,40}>|\*{3,}.*)$/i

/** Whether a value may stay under such a name. */
export function isHarmless(value: string, meaning: NameMeaning): boolean {
  const text = value.trim()
  if (text === '' || saysNothing.test(text)) return true
  if (meaning.kind === 'token' && evmOrTonAddress.test(text)) return true
  if (meaning.maybeCoin && ticker.test(text)) return true
  return meaning.onlyKey && !looksLikeKey(text)
}

/** Hex or base58 or base64 of a key's length, or a row of words. */
export function looksLikeKey(text: string): boolean {
  return (
    /^(?:0x)?[0-9a-f]{64}(?:[0-9a-f]{64})?$/i.test(text) ||
    /^[A-Za-z0-9+/_-]{40,}={0,2}$/.test(text) ||
    isRowOfWords(text)
  )
}

const isRowOfWords = (text: string): boolean =>
  text.length < 1000 && text.split(/[\s,;]+/).filter((word) => /^\p{L}+$/u.test(word)).length >= 12
