// How a team starts its Prometheus: the flags in compose files, container specifications and systemd units near its configuration, and what each is here.
import { parseAllDocuments } from 'yaml'

/** `works`: here too, under another name or always on. */
export type Verdict = 'works' | 'unused' | 'missing' | 'wrong'

export interface FlagAdvice {
  readonly verdict: Verdict
  /** What it is here, or what to do; `%` is its value. */
  readonly text: string
}

const works = (text: string): FlagAdvice => ({ verdict: 'works', text })
const unused = (text: string): FlagAdvice => ({ verdict: 'unused', text })
const missing = (text: string): FlagAdvice => ({ verdict: 'missing', text })

const ownLimits = unused('the limits of queries are fixed here.')

/** By name; a name that ends in a dot stands for all that begin so. The longest that fits counts. */
const advice: ReadonlyMap<string, FlagAdvice> = new Map([
  ['config.file', works('--config with the file or its directory')],
  ['config.auto-reload-interval', works('--reload-on-change')],
  [
    'storage.tsdb.path',
    unused(
      '--data-dir names a directory of our own; bring the past along with: tidewatch import prometheus --from URL',
    ),
  ],
  ['storage.tsdb.retention', works('--retention %')],
  ['storage.tsdb.retention.time', works('--retention %')],
  [
    'storage.tsdb.retention.size',
    works('storage.tsdb.retention.size in prometheus.yml, or retention in tidewatch.yml'),
  ],
  ['storage.tsdb.', unused('storage is our own')],
  ['storage.agent.', unused('storage is our own')],
  ['storage.remote.', unused('the limits of remote read are fixed here')],
  ['web.listen-address', works('--host and --port (% there)')],
  ['web.external-url', works('--external-url %')],
  ['web.route-prefix', missing('everything is served from /. Let the proxy in front take the prefix off')],
  ['web.config.file', missing('--tls-cert and --tls-key for HTTPS, users and tokens in place of basic_auth_users')],
  ['web.enable-lifecycle', works('POST /-/reload is always there, for administrators')],
  ['web.enable-admin-api', works('deletion is always there, for administrators')],
  ['web.enable-remote-write-receiver', works('always on; senders need a key: tidewatch token key')],
  ['web.enable-otlp-receiver', works('always on, at the same path; senders need a key')],
  ['web.', unused('the page is our own')],
  ['query.lookback-delta', missing('the lookback is 5m; a query may ask for another with lookback_delta')],
  ['query.', ownLimits],
  ['rules.', unused('up to four independent rules of a group run side by side')],
  ['alertmanager.', unused('notifications are sent from here')],
  ['enable-feature', works('what changes queries and rules is always on')],
  ['agent', missing('there is no agent mode; remote_write sends on what is stored')],
  ['log.', unused('log lines are JSON, readable ones in a terminal')],
  ['scrape.', unused('scrapes keep to their slots by themselves')],
  ['auto-gomaxprocs', unused('belongs to Go')],
  ['auto-gomemlimit', unused('belongs to Go')],
  ['auto-gomemlimit.ratio', unused('belongs to Go')],
])

export interface FoundFlag {
  readonly line: number
  readonly name: string
  readonly value: string | undefined
}

/** Undefined for one that Prometheus does not have. */
export function adviseFlag({ name, value = '' }: FoundFlag): FlagAdvice | undefined {
  const positive = name.replace(/^no-/, '')
  const fitting = [...advice.keys()]
    .filter((known) => known === positive || (known.endsWith('.') && positive.startsWith(known)))
    .sort((a, b) => b.length - a.length)[0]
  const found = fitting === undefined ? undefined : advice.get(fitting)
  return found === undefined ? undefined : { ...found, text: found.text.replace('%', value) }
}

/** An image or program that is Prometheus itself, not an exporter or Alertmanager. */
const isPrometheusImage = (image: string): boolean => /(?:^|\/)prometheus(?::|@|$)/.test(image)

/** The flags of Prometheus in a file that starts programs; none where it starts others. */
export function launchFlags(name: string, text: string): readonly FoundFlag[] {
  const words = /\.ya?ml$/.test(name) ? containerWords(text) : unitWords(text)
  return words.flatMap((word) => {
    const match = /^--([a-z][a-z0-9.-]*)(?:=(.*))?$/s.exec(word)
    if (match === null) return []
    const line = text.slice(0, Math.max(0, text.indexOf(word))).split('\n').length
    return [{ line, name: match[1] as string, value: match[2] }]
  })
}

/** Command and arguments of every container of Prometheus's image, wherever in the file it stands. */
function containerWords(text: string): string[] {
  const words: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (typeof value === 'object' && value !== null) {
      const fields = value as Readonly<Record<string, unknown>>
      if (typeof fields.image === 'string' && isPrometheusImage(fields.image))
        for (const part of [fields.command, fields.entrypoint, fields.args]) words.push(...wordsOf(part))
      for (const item of Object.values(fields)) visit(item)
    }
  }
  for (const document of parseAllDocuments(text))
    if (document.errors.length === 0) visit(document.toJS({ maxAliasCount: 100 }))
  return words
}

function wordsOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.map(String)
  return typeof part === 'string' ? part.split(/\s+/) : []
}

/** What a systemd unit or a Dockerfile starts: lines that end in a backslash go on. */
function unitWords(text: string): string[] {
  const lines = text.replace(/\\\r?\n/g, ' ').split('\n')
  const starting = lines.filter(
    (line) => /^\s*(?:ExecStart=|ENTRYPOINT|CMD|ARGS=)/.test(line) && /prometheus(?!-)/.test(line),
  )
  return starting.flatMap((line) => line.split(/[\s",[\]]+/)).map((word) => word.replace(/^'|'$/g, ''))
}
