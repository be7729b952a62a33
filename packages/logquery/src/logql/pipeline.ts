// The stages of a log query, compiled once, run over every line.
import type { Labels } from '@tidewatch/core/labels.ts'
import { RE2JS } from 're2js'
import type { LabelChoice, LabelExtraction, LogExpr, Span, Stage } from './ast.ts'
import { stripColors } from './decolorize.ts'
import { compileLabelFormat, compileLineFormat } from './format.ts'
import { parseJsonPath } from './json-path.ts'
import { findInJson, type JsonVisitor, visitJson } from './json-scan.ts'
import { compileLabelFilter, compileValueTest } from './label-filter.ts'
import { compileLineFilter } from './line-filter.ts'
import { LineLabels, labelName } from './line-labels.ts'
import { scanLogfmt } from './logfmt-scan.ts'
import { compilePatternParser } from './pattern.ts'
import { compileOrRefuse, type LineState, type StageRun, stageError } from './stage.ts'
import { compileUnpack } from './unpack.ts'

/** A line as a source has it. */
export interface SourceLine {
  /** ns since 1970. */
  readonly timeNs: bigint
  readonly line: string
  /** The stream's labels: the same object for lines of the same stream, as far as the source can. */
  readonly stream: Labels
  /** What was sent beside the line (structured metadata). */
  readonly metadata: Labels
  /**
   * Of a line that is the message of a JSON document: what stood in the document, by paths with dots. `json` finds it there where the line itself is no
   * JSON, as if the document were the line.
   */
  readonly document?: () => Iterable<readonly [path: string, value: string]>
}

export interface Pipeline {
  /** The state after the stages, or undefined where one of them drops the line. It is the same object every time. */
  run(line: SourceLine): LineState | undefined
}

export interface PipelineOptions {
  /** ms since 1970, for `now` in templates. */
  readonly nowMs: () => number
  /** Labels that are asked for behind the pipeline, where they are known: parsers keep no others then. */
  readonly wanted?: ReadonlySet<string> | undefined
}

/** Throws `query.parse` for a stage that cannot work. */
export function compilePipeline({ stages }: LogExpr, { nowMs, wanted }: PipelineOptions): Pipeline {
  const runs = stages.map((stage) => compileStage(stage, nowMs))
  const labels = new LineLabels(wanted)
  const state: LineState = { line: '', timeNs: 0n, labels, document: undefined }
  return {
    run(line) {
      state.line = line.line
      state.timeNs = line.timeNs
      state.document = line.document !== undefined && !isJsonObject(line.line) ? line.document : undefined
      labels.reset(line.stream, line.metadata)
      for (const run of runs) if (!run(state)) return undefined
      return state
    },
  }
}

const isJsonObject = (line: string): boolean => line.trimStart().startsWith('{')

function compileStage(stage: Stage, nowMs: () => number): StageRun {
  switch (stage.kind) {
    case 'line_filter':
      return compileLineFilter(stage)
    case 'label_filter': {
      const test = compileLabelFilter(stage.filter)
      return ({ labels }) => test(labels)
    }
    case 'json':
      return stage.expressions.length === 0 ? compileJson() : compileJsonPaths(stage.expressions)
    case 'logfmt':
      return stage.expressions.length === 0
        ? compileLogfmt(stage.isStrict, stage.keepsEmpty)
        : compileLogfmtKeys(stage.expressions, stage.isStrict)
    case 'regexp':
      return compileRegexp(stage.pattern, stage.span)
    case 'pattern':
      return compilePattern(stage.pattern, stage.span)
    case 'unpack':
      return compileUnpack()
    case 'decolorize':
      return (state) => {
        state.line = stripColors(state.line)
        return true
      }
    case 'line_format':
      return compileLineFormat(stage.template, stage.span, nowMs)
    case 'label_format':
      return compileLabelFormat(stage.formats, nowMs)
    case 'drop':
      return compileDrop(stage.labels)
    case 'keep':
      return compileKeep(stage.labels)
    default:
      return stage satisfies never
  }
}

function compileJson(): StageRun {
  let labels: LineLabels | undefined
  // by prefix and name: no text is joined a second time
  const names = new Map<string, Map<string, string>>()
  const join = (prefix: string, name: string): string => {
    let known = names.get(prefix)
    if (known === undefined) {
      if (names.size > 1000) names.clear()
      known = new Map()
      names.set(prefix, known)
    }
    let joined = known.get(name)
    if (joined === undefined) {
      const own = labelName(name)
      joined = prefix === '' ? own : `${prefix}_${own.startsWith('_') && /^\d/.test(name.trim()) ? own.slice(1) : own}`
      if (known.size > 10_000) known.clear()
      known.set(name, joined)
    }
    return joined
  }
  const visitor: JsonVisitor = {
    leaf(prefix, name, value) {
      const label = join(prefix, name)
      if (label !== '') labels?.extract(label, value)
    },
    nest: join,
  }
  return (state) => {
    ;({ labels } = state)
    if (state.document !== undefined) {
      for (const [path, value] of state.document()) visitor.leaf('', path, value)
      return true
    }
    const fault = visitJson(state.line, visitor)
    if (fault !== undefined) labels.fail('JSONParserErr', fault)
    return true
  }
}

function compileJsonPaths(expressions: readonly LabelExtraction[]): StageRun {
  const paths = expressions.map(({ expression, span }) => {
    const path = parseJsonPath(expression)
    if ('fault' in path) throw stageError(`cannot parse expression [${expression}]: ${path.fault}`, span)
    return path
  })
  return ({ line, labels, document }) => {
    if (document !== undefined) {
      const fields = new Map(document())
      for (const [i, { name }] of expressions.entries()) {
        const value = fields.get((paths[i] ?? []).join('.'))
        if (value !== undefined) labels.extractNamed(name, value)
        else if (labels.get(name) === undefined) labels.set(name, '')
      }
      return true
    }
    if (line === '') return true
    const first = line.charCodeAt(0)
    if (first !== 34 && first !== 123 && first !== 91) {
      labels.fail('JSONParserErr', 'the line is no JSON')
      return true
    }
    const { values, fault } = findInJson(line, paths)
    if (fault !== undefined) labels.fail('JSONParserErr', fault)
    for (const [i, { name }] of expressions.entries()) {
      const value = values[i]
      if (value !== undefined) labels.extractNamed(name, value)
      else if (labels.get(name) === undefined) labels.set(name, '')
    }
    return true
  }
}

function compileLogfmt(isStrict: boolean, keepsEmpty: boolean): StageRun {
  let labels: LineLabels | undefined
  const visit = (key: string, value: string): void => {
    if (value === '' && !keepsEmpty) return
    const name = labelName(key)
    if (name !== '') labels?.extract(name, value.includes('\ufffd') ? value.replaceAll('\ufffd', ' ') : value)
  }
  return (state) => {
    ;({ labels } = state)
    const fault = scanLogfmt(state.line, isStrict, visit)
    if (isStrict && fault !== undefined) labels.fail('LogfmtParserErr', fault)
    return true
  }
}

function compileLogfmtKeys(expressions: readonly LabelExtraction[], isStrict: boolean): StageRun {
  const targets = new Map<string, string[]>()
  for (const { name, expression, span } of expressions) {
    const key = labelName(expression)
    if (key === '') throw stageError(`cannot parse expression [${expression}]`, span)
    targets.set(key, [...(targets.get(key) ?? []), name])
  }
  return ({ line, labels }) => {
    for (const { name } of expressions) if (!labels.streamHas(name)) labels.set(name, '')
    const fault = scanLogfmt(line, isStrict, (key, value) => {
      for (const name of targets.get(labelName(key)) ?? []) labels.extractNamed(name, value)
    })
    if (isStrict && fault !== undefined) labels.fail('LogfmtParserErr', fault)
    return true
  }
}

const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function compileRegexp(pattern: string, span: Span): StageRun {
  const compiled = compileOrRefuse(() => RE2JS.compile(pattern), span)
  const named: Readonly<Record<string, number>> = compiled.namedGroups()
  const groups = Object.entries(named)
  if (groups.length === 0) throw stageError('at least one named capture must be supplied', span)
  for (const [name] of groups) {
    if (!labelPattern.test(name)) throw stageError(`invalid extracted label name '${name}'`, span)
  }
  return ({ line, labels }) => {
    const matcher = compiled.matcher(line)
    if (matcher.find()) for (const [name, group] of groups) labels.extract(name, matcher.group(group) ?? '')
    return true
  }
}

function compilePattern(pattern: string, span: Span): StageRun {
  const parser = compilePatternParser(pattern)
  if ('fault' in parser) throw stageError(`pattern: ${parser.fault}`, span)
  return ({ line, labels }) => {
    parser.parse(line, (name, value) => labels.extract(name, value))
    return true
  }
}

interface Choice {
  readonly name: string
  readonly test: ((value: string) => boolean) | undefined
}

const compileChoices = (choices: readonly LabelChoice[]): readonly Choice[] =>
  choices.map(({ name, matcher, span }) => ({
    name,
    test: matcher === undefined ? undefined : compileValueTest(matcher.op, matcher.value, span),
  }))

function compileDrop(labels: readonly LabelChoice[]): StageRun {
  const choices = compileChoices(labels)
  return (state) => {
    for (const { name, test } of choices) {
      if (test === undefined || test(state.labels.get(name) ?? '')) state.labels.delete(name)
    }
    return true
  }
}

function compileKeep(labels: readonly LabelChoice[]): StageRun {
  const choices = compileChoices(labels)
  return (state) => {
    const gone: string[] = []
    state.labels.forEach((name, value) => {
      const isKept = choices.some((choice) => choice.name === name && (choice.test === undefined || choice.test(value)))
      if (!isKept) gone.push(name)
    })
    for (const name of gone) state.labels.delete(name)
    return true
  }
}
