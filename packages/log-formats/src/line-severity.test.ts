import { severityWord } from '@tidewatch/core/log-severity.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { severityInLine } from './line-severity.ts'

function read(line: string): string | undefined {
  const bytes = Buffer.from(`ERROR ${line} ERROR`)
  return severityWord(severityInLine(bytes, 6, bytes.length - 6))
}

describe('a line of text says how severe it is', () => {
  it.each([
    ['2026-11-21 12:00:01 ERROR something broke', 'error'],
    ['2026-11-21T12:00:01.123Z  INFO 1234 --- [main] c.e.App : started', 'info'],
    ['2026-11-21 12:00:01,123 [main] WARN com.foo.Bar - slow', 'warn'],
    ['2026-11-21 12:00:01,123 - root - DEBUG - x', 'debug'],
    ['2026-11-21 12:00:01.123 | ERROR    | app.main:run:12 - boom', 'error'],
    ['2026-11-21 12:00:01.1234|WARN|Shop.Cart|empty', 'warn'],
    ['2026-11-21T12:00:01.123Z\terror\tmain.go:12\tboom', 'error'],
    ['[2026-11-21T12:00:01Z ERROR mycrate::db] gone', 'error'],
    ['[2026-11-21 12:00:01] local.ERROR: No query results', 'error'],
    ['[2026-11-21 12:00:01.123][12][critical][main] [source/server.cc:1] x', 'fatal'],
    ['[12:00:01 ERR] boom', 'error'],
    ['[12:00:01 warn] slow', 'warn'],
    ['[Nest] 1234  - 11/21/2026, 12:00:01 PM   ERROR [Orders] boom', 'error'],
    ['12:00:01.123 [error] GenServer terminating', 'error'],
    ['2026/11/21 12:00:01 [error] 1234#0: *5 open() failed', 'error'],
    ['nginx: [emerg] bind() to 0.0.0.0:80 failed', 'fatal'],
    ['[Sat Nov 21 12:00:01.123456 2026] [core:error] [pid 12] x', 'error'],
    ['[warn] x', 'warn'],
    ['[ WARN ] x', 'warn'],
    ['<warn>  [1795219200.1] device (eth0): x', 'warn'],
    ['level=error msg="x"', 'error'],
    ['time="2026-11-21T12:00:01Z" level=warning msg="level=info"', 'warn'],
    ['ts=2026-11-21T12:00:01.123Z caller=manager.go:1234 component="rule \\" manager" level=info msg=x', 'info'],
    ['app: something level=error', 'error'],
    ['pid=1 level=50', 'error'],
    ['E1121 12:00:01.123456   12345 file.cc:12] boom', 'error'],
    ['W1121 12:00:01.123456 1 x.go:1] slow', 'warn'],
    ['ERROR:root:boom', 'error'],
    ['WARNING:  invalid request', 'warn'],
    ['INFO:     127.0.0.1:5000 - "GET / HTTP/1.1" 200 OK', 'info'],
    ['fail: Microsoft.AspNetCore.Server[13]', 'error'],
    ['crit: Shop[0]', 'fatal'],
    ['error: boom', 'error'],
    ['\u001b[31merror\u001b[39m: boom', 'error'],
    ['[\u001b[33mWARN\u001b[0m] x', 'warn'],
    ['TypeError: x is not a function', 'error'],
    ['java.lang.IllegalStateException: no', 'error'],
    ['(node:123) [DEP0005] DeprecationWarning: Buffer()', 'warn'],
    ['panic: runtime error: index out of range', 'fatal'],
    ['Traceback (most recent call last):', 'error'],
    ['Exception in thread "main" java.lang.X', 'error'],
    ["thread 'main' panicked at src/main.rs:2:5", 'fatal'],
    ['PHP Fatal error:  Uncaught Error', 'fatal'],
    ['PHP Warning:  x in /a.php', 'warn'],
    ['2026-11-21 12:00:01.123 UTC [1234] ERROR:  relation "x" does not exist', 'error'],
    ['2026-11-21 12:00:01.123 UTC [1234] LOG:  ready', 'info'],
    ['2026-11-21T12:00:01.123456Z 0 [Warning] [MY-010055] [Server] x', 'warn'],
    ['Nov 21 12:00:01 host sshd[1]: error: no', 'error'],
    ['21-Nov-2026 12:00:01.123 SEVERE [main] org.apache', 'error'],
    ['SEVERE: broken', 'error'],
    ['E, [2026-11-21T12:00:01.123456 #1234] ERROR -- : boom', 'error'],
    ['<3>disk is gone', 'error'],
    ['<30>Nov 21 12:00:01 host x: y', 'info'],
    ['\ufeffERROR x', 'error'],
  ])('%s', (line, word) => {
    expect(read(line)).toBe(word)
  })

  it.each([
    '',
    '   ',
    'hello',
    'no error found',
    'the job ended with ERROR as expected',
    '0 errors, 3 warnings',
    'Error handling is described elsewhere',
    'errors: 0',
    'error: null',
    'error: 0 of 5',
    'ERROR_COUNT=5',
    'DEBUG=1 node server.js',
    'GET /error HTTP/1.1',
    '127.0.0.1 - - [21/Nov/2026:12:00:01 +0000] "GET /ERROR HTTP/1.1" 200 5 "-" "ERROR"',
    '2026-11-21 12:00:01 user said "ERROR"',
    '{"message":"ERROR"}',
    '<192>x',
    '<>ERROR',
    'E1121',
    'E112a 12:00:01 x',
    'FINE weather',
    'config: loaded',
    'ALERT sent to 5 people',
    'x'.repeat(200),
    `${'x'.repeat(70)} ERROR`,
    '    at com.foo.Bar(Bar.java:1)',
    'level=',
    'level="',
    'some level of trust',
    'terror: the film',
    'INFORM the user',
  ])('not so: %s', (line) => {
    expect(read(line)).toBeUndefined()
  })

  it('whatever stands there is read within its bytes', () => {
    const part = fc.constantFrom(
      'ERROR',
      'level',
      '=',
      '"',
      ':',
      '[',
      ']',
      '\u001b[31m',
      '\u001b',
      ' ',
      '|',
      '\t',
      '<3',
      '>',
      'E1121 12',
      'a',
      '\\',
    )
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 30 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(line, fc.string({ unit: 'binary', maxLength: 9 }), (text, around) => {
        const alone = Buffer.from(text)
        const within = Buffer.from(`${around}${text}${around}`)
        const at = Buffer.byteLength(around)
        const severity = severityInLine(alone, 0, alone.length)
        expect(severity).toBeGreaterThanOrEqual(0)
        expect(severity).toBeLessThanOrEqual(24)
        expect(severityInLine(within, at, at + alone.length)).toBe(severity)
      }),
      { numRuns: 3000 },
    )
  })
})
