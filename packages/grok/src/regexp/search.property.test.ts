import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRegexp } from './compile.ts'
import { Machine } from './machine.ts'
import { parseRegexp } from './parse.ts'
import type { Program } from './program.ts'
import { Search } from './search.ts'

const steps = 20_000

/** What is found by trying every place. */
function plainly(program: Program, text: string): unknown {
  const machine = new Machine(program)
  machine.begin(text, steps)
  for (let start = 0; start <= text.length; start++) {
    const outcome = machine.run(start)
    if (outcome !== 'no_match') return found(outcome, machine, program)
  }
  return 'no_match'
}

function found(outcome: string, from: Machine, { slotOf }: Program): unknown {
  if (outcome !== 'match') return outcome
  return [from.start, from.end, ...Array.from(slotOf, (_, group) => (group === 0 ? undefined : from.group(group)))]
}

const { expression } = fc.letrec<{ expression: string; sequence: string; part: string; atom: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('sequence'),
    fc.array(tie('sequence'), { maxLength: 3 }).map((all) => all.join('|')),
  ),
  sequence: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
  part: fc
    .tuple(
      tie('atom'),
      fc.constantFrom(
        '',
        '',
        '',
        '',
        '*',
        '+',
        '?',
        '*?',
        '+?',
        '??',
        '++',
        '*+',
        '{2}',
        '{1,3}',
        '{3,}',
        '{9,12}',
        '{0,1}',
      ),
    )
    .map(([atom, times]) => atom + times),
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      'ab',
      '-',
      ' ',
      'é',
      'ж',
      '😀',
      '\\n',
      '.',
      '[ab]',
      '[^a]',
      '\\w',
      '\\d',
      '\\s',
      '[^\\x00-\\xff]',
      '(?i:A)',
      '\\X',
      '\\R',
    ),
    fc.constantFrom('(?:^)', '(?:$)', '(?:\\A)', '(?:\\z)', '(?:\\b)', '(?:\\B)', '(?:\\K)', '(?:\\Z)'),
    fc.constantFrom('(?<=a)', '(?<!a|b-)', '(?:(a)|b)(?:\\1)'),
    fc
      .tuple(fc.constantFrom('(?:', '(', '(?>', '(?=', '(?!', '(?i:'), tie('expression'))
      .map(([open, body]) => `${open}${body})`),
  ),
}))

const unit = fc.constantFrom(
  'a',
  'a',
  'b',
  'b',
  '-',
  ' ',
  '1',
  '\n',
  '\r',
  'A',
  'é',
  'ж',
  '😀',
  '\ud83d',
  '\ude00',
  '\u0301',
)
const line = fc.array(unit, { maxLength: 14 }).map((all) => all.join(''))

describe('a search', () => {
  it('finds what trying every place finds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', '', '^', '\\A', '.*'),
        expression,
        fc.array(line, { minLength: 1, maxLength: 6 }),
        (anchor, body, lines) => {
          let program: Program
          try {
            const parsed = parseRegexp(`${anchor}${body}`)
            program = compileRegexp(parsed, new Set(Array.from({ length: parsed.groups }, (_, at) => at + 1)))
          } catch {
            return // what is no expression is not searched for
          }
          // one search for all lines: what it learnt of those before must not tell
          const search = new Search(program)
          for (const text of [...lines, ...lines]) {
            const expected = plainly(program, text)
            const outcome = search.search(text, steps)
            if (expected !== 'exhausted')
              expect(found(outcome, search.machine, program), `${anchor}${body} in ${JSON.stringify(text)}`).toEqual(
                expected,
              )
          }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 100) },
    )
  })
})
