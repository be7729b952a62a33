// Entities of HTML that stand for ASCII characters. Others are left as they are: no character beyond ASCII begins or ends anything.

const named: Readonly<Record<string, string>> = {
  Tab: '\t',
  NewLine: '\n',
  excl: '!',
  quot: '"',
  QUOT: '"',
  num: '#',
  dollar: '$',
  percnt: '%',
  amp: '&',
  AMP: '&',
  apos: "'",
  lpar: '(',
  rpar: ')',
  ast: '*',
  midast: '*',
  plus: '+',
  comma: ',',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  lt: '<',
  LT: '<',
  equals: '=',
  gt: '>',
  GT: '>',
  quest: '?',
  commat: '@',
  lsqb: '[',
  lbrack: '[',
  bsol: '\\',
  rsqb: ']',
  rbrack: ']',
  Hat: '^',
  lowbar: '_',
  UnderBar: '_',
  grave: '`',
  DiacriticalGrave: '`',
  lcub: '{',
  lbrace: '{',
  verbar: '|',
  vert: '|',
  VerticalLine: '|',
  rcub: '}',
  rbrace: '}',
}
const entity = /&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|([A-Za-z]+);|(quot|QUOT|amp|AMP|lt|LT|gt|GT))/g

export function unescapeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(entity, (all: string, hex?: string, digits?: string, name?: string, old?: string) => {
    if (hex !== undefined) return character(Number.parseInt(hex, 16))
    if (digits !== undefined) return character(Number(digits))
    const word = name ?? old ?? ''
    return Object.hasOwn(named, word) ? (named[word] ?? all) : all
  })
}

function character(code: number): string {
  const isNone = code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)
  return String.fromCodePoint(isNone ? 0xfffd : code)
}
