// Queries that are mostly wrong: right ones with something taken away, put in or moved, and tokens in any order.
import type { Random } from './random.ts'

const tokens = [
  ...[
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ',',
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
    '==',
    '!=',
    '=~',
    '!~',
    '=',
    '<',
    '>',
    '<=',
    '>=',
  ],
  ...[
    '@',
    ':',
    '"x"',
    "'y'",
    '`z`',
    '"\\n"',
    '"',
    "'",
    '\\',
    '#',
    '#c\n',
    '\n',
    '\t',
    ' ',
    'ä',
    '"ä"',
    '$',
    '!',
    '.',
    ';',
    '&',
    '?',
  ],
  ...[
    'foo',
    'bar_total',
    'a:b',
    ':r',
    '_x',
    'sum',
    'topk',
    'count_values',
    'quantile',
    'group',
    'SUM',
    'by',
    'without',
    'on',
  ],
  ...[
    'ignoring',
    'group_left',
    'group_right',
    'bool',
    'offset',
    'and',
    'or',
    'unless',
    'atan2',
    'AND',
    'By',
    'Offset',
    'Bool',
  ],
  ...['inf', 'NaN', '+Inf', 'start', 'end', 'rate', 'time', 'time()', 'label_replace', 'absent', 'vector', 'Rate'],
  ...[
    '1',
    '0',
    '0.5',
    '.5',
    '2.',
    '1e3',
    '1E-3',
    '0x1f',
    '0X',
    '017',
    '08',
    '1e',
    '1.2.3',
    '5m',
    '1h30m',
    '1m1h',
    '5',
    '5mm',
    '90d',
    '1y',
    '0s',
  ],
  ...['100ms', '1000000000000', '9223372036854775807', '1e400', '123abc', '1s2s', '5M'],
  ...[
    '[5m]',
    '[5m:1m]',
    '[5m:]',
    '[5m:',
    '[0s]',
    '[5m',
    '()',
    '(foo)',
    '(a)',
    '(a, b)',
    '(a,)',
    'by (a)',
    'on (a)',
    '{a="b"}',
    '{a="b",}',
    '{}',
  ],
  ...[
    '{a=~"("}',
    '{__name__="x"}',
    '{a!=""}',
    'offset 5m',
    'offset -5m',
    '@ 5',
    '@ -5',
    '@ start()',
    'a="b"',
    '5m:1m',
    'rate(foo[5m])',
    '"a", "b"',
  ],
] as const

const pattern = /#[^\n]*|"(?:[^"\\]|\\.)*"|[\p{L}_:][\p{L}\p{N}_:]*|[\d.][\p{L}\p{N}._]*|[=!<>]=?~?|\s+|./gsu

/** A query that may be anything, from a right one. */
export function damaged(right: string, random: Random): string {
  if (random.chance(0.25)) return soup(random)
  const parts = right.match(pattern) ?? []
  const times = 1 + random.below(3)
  for (let i = 0; i < times; i++) damage(parts, random)
  return parts.join('')
}

function soup(random: Random): string {
  const glue = random.chance(0.7) ? ' ' : ''
  return Array.from({ length: 1 + random.below(8) }, () => random.pick(tokens)).join(glue)
}

function damage(parts: string[], random: Random): void {
  const at = random.below(parts.length + 1)
  switch (random.below(6)) {
    case 0:
      parts.splice(at, 1)
      break
    case 1:
      parts.splice(at, 0, random.pick(tokens))
      break
    case 2:
      parts.splice(at, 1, random.pick(tokens))
      break
    case 3:
      parts.splice(at, 0, ' ', random.pick(tokens), ' ')
      break
    case 4: {
      const [moved = ''] = parts.splice(at, 1)
      parts.splice(random.below(parts.length + 1), 0, moved)
      break
    }
    default:
      // the end is missing
      if (random.chance(0.3)) parts.splice(at)
      else parts.splice(at, 0, parts[random.below(parts.length)] ?? '')
  }
}
