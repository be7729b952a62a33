// A team's Prometheus directory, read line by line: what will work as it is, what is read and not used, what is not there and what to do.
import type { Problem } from '@tidewatch/core/error.ts'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import type { ConfigFile, Parsed } from '../../config/port.ts'
import { adviseFlag, launchFlags, type Verdict } from './launch-flags.ts'

export interface Finding {
  readonly verdict: Verdict
  readonly file: string
  readonly line: number | undefined
  /** What stands there. */
  readonly what: string
  /** How it is here, or what to do. */
  readonly text: string
}

/** With the last line of what it is about. */
interface PlacedFinding extends Finding {
  readonly lastLine?: number
}

/** What reading the configuration gave, as far as this needs it. */
export interface ReadDirectory {
  readonly files: readonly ConfigFile[]
  readonly notices: readonly string[]
  readonly rules: readonly {
    readonly file: ConfigFile
    readonly rules: readonly { readonly rules: readonly unknown[] }[]
  }[]
}

export interface DirectoryOptions {
  readonly prometheus: ConfigFile | undefined
  readonly read: Parsed<ReadDirectory>
  /** Files that may start programs. */
  readonly launchFiles: readonly ConfigFile[]
}

/** In the order of the files: prometheus.yml, rules, what starts it. */
export function judgeDirectory({ prometheus, read, launchFiles }: DirectoryOptions): readonly Finding[] {
  const written = prometheus === undefined ? [] : judgePrometheus(prometheus)
  const problems = read.ok ? [] : read.problems.map(fromProblem)
  const isWrong = ({ file, line = 0, lastLine = line }: PlacedFinding): boolean =>
    problems.some(
      (problem) => problem.file === file && (problem.line ?? -1) >= line && (problem.line ?? -1) <= lastLine,
    )
  const rules = read.ok ? read.value.rules.map(fromRules) : []
  const notices = read.ok ? read.value.notices.flatMap((notice) => fromNotice(notice, written)) : []
  return [
    ...problems,
    // of what is wrong nothing else is said
    ...written.filter((finding) => !isWrong(finding)).map(({ lastLine: _, ...finding }) => finding),
    ...rules,
    ...notices,
    ...launchFiles.flatMap(fromLaunchFile),
  ]
}

/** What stands against a start: 1; what is not there: 3, as `check rules` ends for less than a fault; else 0. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 3 {
  if (findings.some(({ verdict }) => verdict === 'wrong')) return 1
  return findings.some(({ verdict }) => verdict === 'missing') ? 3 : 0
}

function fromProblem({ message, where, fix }: Problem): Finding {
  const isMissing = message.includes('is not supported here')
  return {
    verdict: 'wrong',
    file: where.file ?? '',
    line: where.line,
    what: where.key ?? '',
    text: `${message}${fix === undefined ? '' : ` ${fix}`}${isMissing ? ' Until then nothing of this file starts.' : ''}`,
  }
}

function fromRules({ file, rules }: ReadDirectory['rules'][number]): Finding {
  const count = rules.reduce((sum, group) => sum + group.rules.length, 0)
  const text = `${counted(count, 'rule')} in ${counted(rules.length, 'group')}`
  return { verdict: 'works', file: file.name, line: undefined, what: 'rules', text }
}

/** Notices say `file: what ...`; those about what was judged with its line are said already. */
function fromNotice(notice: string, written: readonly Finding[]): Finding[] {
  const match = /^([^:]+): (.*)$/s.exec(notice)
  const [file, text] = match === null ? ['', notice] : [match[1] as string, match[2] as string]
  const key = /^(\S+) is not used/.exec(text)?.[1]
  if (written.some((finding) => finding.file === file && finding.what === key)) return []
  const [what, said] = key === undefined ? ['', text] : [key, text.slice(key.length + ' is not used: '.length)]
  return [{ verdict: text.includes('no file matches') ? 'missing' : 'unused', file, line: undefined, what, text: said }]
}

function fromLaunchFile({ name, text }: ConfigFile): Finding[] {
  return launchFlags(name, text).map((flag) => {
    const found = adviseFlag(flag)
    const what = `--${flag.name}${flag.value === undefined ? '' : `=${flag.value}`}`
    return found === undefined
      ? { verdict: 'unused', file: name, line: flag.line, what, text: 'is not a flag of Prometheus 3' }
      : { file: name, line: flag.line, what, ...found }
  })
}

type Judge = (node: Node | null, key: string) => readonly Omit<Finding, 'file' | 'line'>[]

const always =
  (verdict: Verdict, text: string): Judge =>
  (_node, what) => [{ verdict, what, text }]

const receivers = 'alerts are grouped and sent from here: write the receivers as channels into tidewatch.yml'

/** The sections of a prometheus.yml that are told as a whole. */
const sections: Readonly<Record<string, Judge>> = {
  global: always('works', 'as it is'),
  rule_files: always('works', 'as it is'),
  scrape_config_files: always('works', 'as it is'),
  alerting: (node, what) => [{ verdict: 'missing', what: [what, ...addressesIn(node)].join(' '), text: receivers }],
  remote_write: (node, what) => [{ verdict: 'works', what, text: `${counted(countOf(node), 'destination')}` }],
  remote_read: always(
    'unused',
    'nothing is asked of another system; bring its past along with: tidewatch import prometheus --from URL',
  ),
  storage: always('works', 'the retention counts; exemplars and late samples are kept without a setting'),
  tracing: always('unused', 'own traces are not sent'),
  otlp: always('works', 'as it is'),
  runtime: always('unused', 'belongs to Go'),
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Alertmanagers that stand there by address. */
function addressesIn(node: Node | null): string[] {
  const managers = isMap(node) ? node.get('alertmanagers', true) : undefined
  const found = JSON.stringify(managers ?? null).match(/"[\w.-]+:\d+"/g) ?? []
  return found.map((address) => address.slice(1, -1))
}

function judgePrometheus({ name, text }: ConfigFile): PlacedFinding[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (!isMap(document.contents)) return []
  const lineOf = (node: unknown, end: 0 | 1 = 0): number | undefined => {
    const offset = (node as Node | null)?.range?.[end]
    return offset === undefined ? undefined : lines.linePos(offset).line
  }
  return entriesOf(document.contents).flatMap(({ key, keyNode, value }) => {
    if (key === 'scrape_configs' && isSeq(value))
      return value.items.flatMap((item) =>
        isMap(item) ? [{ file: name, line: lineOf(item), lastLine: lineOf(item, 1) ?? 0, ...judgeJob(item) }] : [],
      )
    const judge = sections[key]
    return judge === undefined
      ? []
      : judge(value, key).map((found) => ({ file: name, line: lineOf(keyNode), ...found }))
  })
}

function judgeJob(job: YAMLMap): Pick<Finding, 'verdict' | 'what' | 'text'> {
  const entries = entriesOf(job)
  const name = entries.find(({ key }) => key === 'job_name')?.value
  const kinds = entries.flatMap(({ key, value }) => {
    if (key === 'static_configs') return [counted(targetsOf(value), 'target')]
    const kind = /^(.+)_sd_configs$/.exec(key)?.[1]
    return kind === undefined ? [] : [`targets from ${kind}`]
  })
  const relabelling = entries.some(({ key }) => /relabel_configs$/.test(key)) ? ', relabelled' : ''
  return {
    verdict: 'works',
    what: `job ${isScalar(name) ? String(name.value) : ''}`.trim(),
    text: `${kinds.length === 0 ? 'no targets' : kinds.join(', ')}${relabelling}`,
  }
}

interface Entry {
  readonly key: string
  readonly keyNode: unknown
  readonly value: Node | null
}

const entriesOf = (map: YAMLMap): Entry[] =>
  map.items.map(({ key, value }) => ({
    key: isScalar(key) ? String(key.value) : '',
    keyNode: key,
    value: value as Node | null,
  }))

const countOf = (node: Node | null): number => (isSeq(node) ? node.items.length : 0)

function targetsOf(node: Node | null): number {
  if (!isSeq(node)) return 0
  return node.items.reduce((sum: number, group) => {
    const targets = isMap(group) ? group.get('targets', true) : undefined
    return sum + countOf((targets ?? null) as Node | null)
  }, 0)
}
