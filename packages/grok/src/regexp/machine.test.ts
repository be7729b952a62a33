import { describe, expect, it } from 'vitest'
import { compileRegexp } from './compile.ts'
import { parseRegexp } from './parse.ts'
import { Search } from './search.ts'

/** The match, and after a bar each group; undefined for none. */
function match(source: string, text: string, maxSteps = 1_000_000): string | undefined {
  const parsed = parseRegexp(source)
  const groups = Array.from({ length: parsed.groups }, (_, at) => at + 1)
  const search = new Search(compileRegexp(parsed, new Set(groups)))
  const { machine } = search
  const outcome = search.search(text, maxSteps)
  if (outcome === 'exhausted') return outcome
  if (outcome === 'no_match') return undefined
  return [text.slice(machine.start, machine.end), ...groups.map((group) => machine.group(group) ?? '-')].join('|')
}

// expectations: as Onigmo's documentation has it (doc/RE), with the dot matching newlines
const cases: [source: string, text: string, found: string | undefined][] = [
  ['a|ab', 'ab', 'a'],
  ['(a+)(b*)', 'xaab', 'aab|aa|b'],
  ['(a|ab)(c|bcd)', 'abcd', 'abcd|a|bcd'],
  ['(?:a|ab)(?:c|bcd)$', 'abcd', 'abcd'],
  ['a{2,3}', 'aaaa', 'aaa'],
  ['a{2,3}?', 'aaaa', 'aa'],
  ['a{2}?', 'aaa', 'aa'],
  ['a{,2}b', 'aaab', 'aab'],
  ['a{2,3}+b', 'aaaaab', 'aaaaab'],
  ['x{,}', 'x{,}', 'x{,}'],
  ['a{b', 'a{b', 'a{b'],
  ['(a*)*', 'aaab', 'aaa|'],
  ['(?:a?)*b', 'aab', 'aab'],
  ['(?:)*b', 'b', 'b'],
  ['(a|b)*', 'abab', 'abab|b'],
  ['(?>a|ab)c', 'abc', undefined],
  ['a*+a', 'aaa', undefined],
  ['a?+ab', 'ab', undefined],
  ['(?>(a+))b', 'aab', 'aab|aa'],
  ['(?=(a+))a', 'aa', 'a|aa'],
  ['(?!a)\\w', 'ab', 'b'],
  ['(?<=a)b', 'cbab', 'b'],
  ['(?<=ab|c)d', 'xdcd', 'd'],
  ['(?<=a{1,3})b', 'aab', 'b'],
  ['(?<!a)b', 'abb', 'b'],
  ['(?<=😀)b', '😀b', 'b'],
  ['^b$', 'a\nb\nc', 'b'],
  ['^\\z', 'a\n', undefined],
  ['\\Ab', 'a\nb', undefined],
  ['a\\Z', 'a\n', 'a'],
  ['a\\z', 'a\n', undefined],
  ['a.b', 'a\nb', 'a\nb'],
  ['(?-m:a.b)', 'a\nb', undefined],
  ['(?-m)a.b', 'a\nb', undefined],
  ['(?i)straße', 'STRAßE', 'STRAßE'],
  ['(?i:a)b', 'AB', undefined],
  ['a(?i)b|c', 'aC', 'aC'],
  ['(?i)[a-c]+', 'xABC', 'ABC'],
  ['(?i)[^a]', 'Ab', 'b'],
  ['(?x) a b # words\n c', 'abc', 'abc'],
  ['(?#note)a', 'a', 'a'],
  ['\\bü', 'aü ü', 'ü'],
  ['\\w+', 'üab', 'ab'],
  ['[[:alpha:]]+', '1üab', 'üab'],
  ['[[:^digit:]]+', '12ab', 'ab'],
  ['\\p{Lu}\\P{Lu}\\p{^Lu}', 'aBcd', 'Bcd'],
  ['\\p{Cyrillic}+', 'abжд', 'жд'],
  ['[a-z&&[^aeiou]]+', 'aebcd', 'bcd'],
  ['[]a]+', 'a]', 'a]'],
  ['[a-]+', 'a-', 'a-'],
  ['[\\d-x]+', '1-x', '1-x'],
  ['[a[bc]]+', 'abc', 'abc'],
  ['\\h+\\H', 'xaFg', 'aFg'],
  ['\\R', 'a\r\n', '\r\n'],
  ['\\X', 'e\u0301x', 'e\u0301'],
  ['\\x41\\u0042\\x{43}\\t\\101', 'ABC\tA', 'ABC\tA'],
  ['(.)\\1', 'abb', 'bb|b'],
  ['(?<q>.)\\k<q>', 'abb', 'bb|b'],
  ['(?i)(a)\\1', 'aA', 'aA|a'],
  ['(.*)\\1x', 'aabbx', 'bbx|b'],
  ['(?<n>\\d+)-\\g<n>', 'a1-22', '1-22|22'],
  ['foo\\Kbar', 'foobar', 'bar'],
  ['(?:foo\\K)?ba|bar', 'bar', 'ba'],
  ['(?<a>x)?(?(<a>)y|z)', 'xy', 'xy|x'],
  ['(?<a>x)?(?(<a>)y|z)', 'z', 'z|-'],
  ['(?>😀+)b', '😀😀b', '😀😀b'],
  ['😀+.', '😀😀', '😀😀'],
  ['.*?😀', 'aa😀', 'aa😀'],
  ['[^\\]]+', 'a]', 'a'],
  ['\\/\\-', '/-', '/-'],
  ['', 'a', ''],
  ['x*', '', ''],
  // texts that every match holds
  ['ab(?:cd)+ef', 'abcdcdef', 'abcdcdef'],
  ['ab(?:cd)?ef', 'abef', 'abef'],
  ['(?:ab)*cd', 'cd', 'cd'],
  ['a(?=bc)b', 'abc', 'ab'],
  ['(?:(ab))(?>cd)ef', 'abcdef', 'abcdef|ab'],
  ['ab|cd', 'cd', 'cd'],
  ['a(?!bc)', 'a', 'a'],
  ['(?:xa){2}b', 'xaxab', 'xaxab'],
]

describe('expressions', () => {
  it.each(cases)('%s in %j', (source, text, found) => expect(match(source, text)).toBe(found))
})

describe('what is none', () => {
  it.each([
    '(a',
    'a)',
    '[a',
    'a**b(',
    '*a',
    '\\',
    '(?<a',
    '(?<>a)',
    '(?Pa)',
    '[[:nosuch:]]',
    '\\p{NoSuch}',
    'a{3,1}',
    '[z-a]',
    '\\k<x>',
    '\\g<x>',
    '(?<r>a\\g<r>)',
    '(?<=a*)b',
    '(((a{100}){100}){100}){100}',
    '(?:'.repeat(1000),
  ])('%s', (source) => expect(() => match(source, 'a')).toThrow(/./))
})

describe('what explodes', () => {
  const text = `${'a'.repeat(5000)}!`
  it.each([
    '(a+)+$',
    '(a|a)*$',
    '(a|aa)+$',
    '(.*)*x',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(?:a?){50}a{50}b',
    '(a*)*\\1b',
    '(.*a){20}b',
    '(?=(a+)+b)a',
    '(?<!b)(?:a+)+c',
  ])('%s ends', (source) => expect(match(source, text, 100_000)).not.toBe(''))

  it('is told from what does not match', () => {
    expect(match('(a+)+$', text, 100_000)).toBe('exhausted')
    expect(match('(a+)+$', 'b', 100_000)).toBeUndefined()
  })

  it('takes a line of a megabyte with loops in it, without a stack of calls', () => {
    const long = 'a'.repeat(1_000_000)
    expect(match('(?:a|b)*a(?=[cd])', long, 3_000_000)).toBe('exhausted')
    expect(match('(?:a|b)*[cd]', long, 3_000_000)).toBeUndefined()
    expect(match('^(?:[^"\\\\]|\\\\.)*$', 'x'.repeat(100_000), 10_000_000)?.length).toBe(100_000)
  })
})
