import { describe, expect, it } from 'vitest'
import { MultilineJoiner, type MultilineLimits, type MultilineRule, patternRule } from './multiline.ts'
import { stackTraceRule } from './stack-traces.ts'

const roomy: MultilineLimits = { maxLines: 500, maxLength: 100_000, timeoutMs: 5000 }

function join(rule: MultilineRule, text: string): string[] {
  const joiner = new MultilineJoiner(rule, roomy)
  const events = text.split('\n').flatMap((line) => joiner.push(line, 0))
  return [...events, joiner.flush()].filter((event) => event !== undefined)
}

const found = (expression: RegExp) => (line: string) => expression.test(line)

describe('by pattern', () => {
  it('goes on with the previous line', () => {
    const rule = patternRule({ found: found(/^\s/), negate: false, what: 'previous' })
    expect(join(rule, 'a\n b\n c\nd')).toEqual(['a\n b\n c', 'd'])
  })

  it('begins with a time stamp (negate)', () => {
    const rule = patternRule({ found: found(/^\d{4}-/), negate: true, what: 'previous' })
    expect(join(rule, '2025-01 a\nmore\n2025-02 b')).toEqual(['2025-01 a\nmore', '2025-02 b'])
  })

  it('goes on with the next line', () => {
    const rule = patternRule({ found: found(/\\$/), negate: false, what: 'next' })
    expect(join(rule, 'a \\\nb \\\nc\nd')).toEqual(['a \\\nb \\\nc', 'd'])
  })

  it('gives up waiting', () => {
    const joiner = new MultilineJoiner(patternRule({ found: found(/^\s/), negate: false, what: 'previous' }), roomy)
    expect(joiner.dueAtMs).toBeUndefined()
    expect(joiner.push('a', 1000)).toEqual([])
    expect(joiner.push(' b', 2000)).toEqual([])
    expect(joiner.dueAtMs).toBe(7000)
    expect(joiner.due(6999)).toBeUndefined()
    expect(joiner.due(7000)).toBe('a\n b')
    joiner.push('c', 8000)
    expect(joiner.push('d', 20_000)).toEqual(['c'])
  })

  it('leaves out what is too much, and counts it', () => {
    const rule = patternRule({ found: found(/^\s/), negate: false, what: 'previous' })
    const joiner = new MultilineJoiner(rule, { maxLines: 3, maxLength: 20, timeoutMs: 1 })
    for (const line of ['a', ' b', ' c', ' d']) joiner.push(line, 0)
    expect([joiner.flush(), joiner.droppedLines]).toEqual(['a\n b\n c', 1])
    for (const line of ['x'.repeat(50), ' b']) joiner.push(line, 0)
    expect([joiner.flush(), joiner.droppedLines]).toEqual(['x'.repeat(20), 2])
  })
})

const traces = {
  java: `ERROR request failed
java.lang.IllegalStateException: no seat
\tat com.acme.Shop.sell(Shop.java:42)
\tat com.acme.Main.main(Main.java:7)
\tSuppressed: java.io.IOException: close
\t\tat com.acme.Res.close(Res.java:3)
Caused by: java.io.IOException: disk
\tat com.acme.Disk.read(Disk.java:9)
\t... 12 more`,
  node: `Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16) {
  errno: -111,
  code: 'ECONNREFUSED',
  [cause]: Error: inner
      at f (file:///app/a.js:1:1)
}`,
  python: `ERROR:root:sale failed
Traceback (most recent call last):
  File "/app/shop.py", line 7, in sell
    take(seat)
KeyError: 'seat'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/shop.py", line 9, in sell
    raise Refused(seat)
shop.errors.Refused: 12`,
  go: `panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.(*Shop).Sell(0xc000012345, 0x5)
\t/app/shop.go:42 +0x1d
main.main()
\t/app/main.go:7 +0x20
created by main.run in goroutine 1
\t/app/main.go:3 +0x11
exit status 2`,
}

describe('stack traces', () => {
  it.each(Object.entries(traces))('of %s', (_language, trace) => {
    expect(join(stackTraceRule(), `INFO before\n${trace}\nINFO after`)).toEqual(['INFO before', trace, 'INFO after'])
  })

  it('leaves plain lines alone', () => {
    expect(join(stackTraceRule(), 'a\nb\nc: d\ne()')).toEqual(['a', 'b', 'c: d', 'e()'])
  })
})
