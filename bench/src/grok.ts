// What a line costs grok's engine with the expressions that are met most, where it matches and where it does not, beside JavaScript's RegExp with
// the same patterns. That one has no bound: what it is asked here it must be asked with care. In ns of CPU time, the best of many rounds.
import { grokEngine } from '@tidewatch/grok/engine.ts'
import { expandExpression } from '@tidewatch/grok/expand.ts'
import { standardPatterns } from '@tidewatch/grok/standard-patterns.ts'

const access = [
  '203.0.113.7 - - [12/Mar/2024:06:25:01 +0000] "POST /login?next=%2F HTTP/1.1" 302 512 "https://example.com/" "Mozilla/5.0 (X11; Linux x86_64)"',
  '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
  '2001:db8::7 - - [12/Mar/2024:06:25:02 +0000] "GET /static/app.4f2a.js HTTP/2.0" 304 0 "-" "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4)"',
]
/** Access logs that fail late. */
const broken = access.map((line) => line.replace(/" \d+ /, '" none '))
const syslog = [
  'Dec 23 14:30:01 louis CRON[619]: (www-data) CMD (php /usr/share/cacti/site/poller.php >/dev/null 2>/var/log/cacti/poller-error.log)',
  'Jun  5 01:02:03 web-1 sshd[4123]: Failed password for root from 203.0.113.7 port 51022 ssh2',
]
const prose = ['nothing of that kind: a line of an application that says what it did, 42 times, in 17 ms']
const java = [
  '2024-02-29 23:59:59,123 [main] INFO  com.example.Service - started in 12 ms with 3 workers and 15 queues',
  '2024-02-29 23:59:58,001 [pool-3-thread-7] WARN  com.example.db.Pool - waited 3012 ms for a connection',
]
const plain = ['2024-02-29T23:59:59.123Z INFO took 12 ms']
const inTheMiddle = ['worker 7 of 12 said at 2024-02-29T23:59:59.123Z INFO took 12 ms']

const levels = '%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:l} %{GREEDYDATA:m}'
const five = [
  '^%{SYSLOGBASE} %{GREEDYDATA:m}',
  '%{COMBINEDAPACHELOG}',
  levels,
  '%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes} %{NUMBER:duration}',
  '%{TIMESTAMP_ISO8601:t} \\[%{DATA:thread}\\] %{LOGLEVEL:l}\\s+%{JAVACLASS:c} - %{GREEDYDATA:m}',
]

const runs: readonly (readonly [what: string, expressions: readonly string[], lines: readonly string[]])[] = [
  ['SYSLOGLINE, matching', ['%{SYSLOGLINE}'], syslog],
  ['SYSLOGLINE on prose', ['%{SYSLOGLINE}'], prose],
  ['SYSLOGLINE on access logs', ['%{SYSLOGLINE}'], access],
  ['SYSLOGLINE on Java', ['%{SYSLOGLINE}'], java],
  ['SYSLOGLINE, each other line', ['%{SYSLOGLINE}'], [syslog[0], prose[0], syslog[1], java[0]] as string[]],
  ['SYSLOGBASE, matching', ['%{SYSLOGBASE}'], syslog],
  ['SYSLOGBASE on prose', ['%{SYSLOGBASE}'], prose],
  ['COMBINEDAPACHELOG, matching', ['%{COMBINEDAPACHELOG}'], access],
  ['COMBINEDAPACHELOG on prose', ['%{COMBINEDAPACHELOG}'], prose],
  ['COMBINEDAPACHELOG, wrong late', ['%{COMBINEDAPACHELOG}'], broken],
  ['time and level, matching', [levels], plain],
  ['time and level, in the middle', [levels], inTheMiddle],
  ['time and level on Java', [levels], java],
  ['IP on prose', ['%{IP:ip}'], prose],
  ['GREEDYDATA', ['%{GREEDYDATA:m}'], access],
  ['five in turn, the first matches', five, syslog],
  ['five in turn, the last matches', five, java],
  ['five in turn, none matches', five, prose],
  ['five in turn, all kinds', five, [...syslog, ...access, ...plain, ...java, ...prose]],
]

/** JavaScript's spelling of an expanded expression, near enough for its speed: atomic groups as plain ones. */
function asRegExp(expression: string): RegExp {
  const { source } = expandExpression(expression, { patterns: standardPatterns('legacy'), namedCapturesOnly: true })
  const javaScript = source
    .replace(/\(\?>/g, '(?:')
    .replace(/\(\?<[^=!][^>]*>/g, '(')
    .replace(/\[\[:alnum:\]\]/g, 'A-Za-z0-9')
  return new RegExp(javaScript, 'ms')
}

const cpuNs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

/** The least CPU time a line of each way, in turn, so that what else the machine does tells for both. */
function leastNs(lines: readonly string[], ways: readonly ((line: string) => unknown)[]): number[] {
  const least = ways.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < 25; round++)
    ways.forEach((way, at) => {
      const times = Math.ceil(2000 / lines.length)
      const start = cpuNs()
      for (let i = 0; i < times; i++) for (const line of lines) way(line)
      least[at] = Math.min(least[at] as number, (cpuNs() - start) / times / lines.length)
    })
  return least
}

console.log('ns of CPU time a line'.padEnd(36), 'ours'.padStart(8), 'RegExp'.padStart(8), 'lines/s, ours'.padStart(16))
for (const [what, expressions, lines] of runs) {
  const matcher = grokEngine.compile(expressions, { patterns: 'legacy' })
  const regExps = expressions.map(asRegExp)
  const [ours = 0, theirs = 0] = leastNs(lines, [
    (line) => matcher.match(line),
    (line) => regExps.some((regExp) => regExp.exec(line) !== null),
  ])
  const perSecond = Math.round(1e9 / ours).toLocaleString('en')
  console.log(what.padEnd(36), ours.toFixed(0).padStart(8), theirs.toFixed(0).padStart(8), perSecond.padStart(16))
}
