// Secrets as they stand in logs, for tests: published test vectors and made-up values, put together so that no scanner of repositories takes them for real.
import type { SecretKind } from '../kinds.ts'

export interface Sample {
  readonly kind: SecretKind
  /** As it stands in a line. */
  readonly text: string
  /** What must be gone. */
  readonly secret: string
}

const made = (kind: SecretKind, before: string, secret: string, behind = ''): Sample => ({
  kind,
  text: before + secret + behind,
  secret,
})

const hex64 = 'c0ffee254729296a45a3885639ac7e10f9d54979e3b8a1f2c4d5e6f708192a3b'
const phrase = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
const words = phrase.split(' ')

export const seedPhrases: readonly string[] = [
  phrase,
  `${'abandon '.repeat(11)}about`,
  `${'abandon '.repeat(23)}art`,
  words.join(','),
  words.join(', '),
  words.join('\n'),
  words.map((word, i) => `${i + 1}. ${word}`).join('\n'),
  words.map((word, i) => `${i + 1}) ${word.toUpperCase()}`).join('  '),
  JSON.stringify(words),
  JSON.stringify(words.map((word, index) => ({ index, word }))),
  `${'あいこくしん\u3000'.repeat(11)}あおぞら`,
  `${'あいこくしん\u3000'.repeat(11)}あおぞら`.normalize('NFD'),
  `${'的 '.repeat(11)}在`,
  `${'的'.repeat(11)}在`,
]

export const secrets: readonly Sample[] = [
  made('password', 'password=', 'hunter2hunter2'),
  made('password', '"userPassword": "', 'correct horse', '"'),
  made('password', '{\\"passwd\\":\\"', 's3cr3t', '\\"}'),
  made('token', 'refresh_token: ', 'Zm9vYmFyYmF6'),
  made('token', '', `gh${'p_'}${'a1B2'.repeat(9)}`),
  made('token', '', `xo${'xb-'}1234567890-abcdefghijkl`),
  made('api_key', '', `AK${'IA'}IOSFODNN7EXAMPLE`),
  made('api_key', '', `sk_${'live_'}${'4eC39HqL'.repeat(3)}`),
  made('token', '', `110201543:${'AA'}HdqTcvCH1vGWJxfSeofSAs0K5PALDsaw`),
  made('token', '', `ey${'JhbGciOiJIUzI1NiJ9'}.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`),
  made('api_key', 'X-Api-Key: ', 'abcdef0123456789'),
  made('api_key', 'GET https://maps/x?a=b&key=', 'abcdef0123456789'),
  made('authorization', 'sent Bearer ', 'mF_9.B5f-4.1JqM'),
  made('authorization', 'Authorization: Basic ', 'dXNlcjpwYXNzd29yZA=='),
  made('cookie', 'Cookie: ', 'sid=31d4d96e407aad42; theme=dark'),
  made('url_credentials', 'postgres://', 'me:pw12345', '@db:5432/x'),
  made('url_credentials', 'http:\\/\\/', 'me:pw12345', '@host\\/x'),
  made('card_number', 'paid by ', '4111 1111 1111 1111'),
  made('card_number', 'paid by ', '5555555555554444'),
  made('card_number', 'paid by ', '3782-822463-10005'),
  made('private_key', 'private key 0x', hex64),
  made('private_key', 'secretKey=', hex64 + hex64),
  made('private_key', '"seed":"', hex64, '"'),
  made('wif', 'imported ', '5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ'),
  made('wif', 'imported ', 'KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617'),
  made(
    'extended_key',
    'wallet ',
    'xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi',
  ),
  made('pem_key', '', `-----BEGIN EC PRIVATE ${'KEY-----'}\nMHcCAQEEIGJ2\n-----END EC PRIVATE ${'KEY-----'}`),
  ...seedPhrases.map((text) => made('seed_phrase', '', text)),
]
