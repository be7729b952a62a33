// `| line_format` and `| label_format`: Go's templates over the labels of a line.

import { AppError } from '@tidewatch/core/error.ts'
import { createTemplate, type Template } from '@tidewatch/template/template.ts'
import { StringMap } from '@tidewatch/template/value.ts'
import type { LabelFormat, Span } from './ast.ts'
import { errorLabel } from './line-labels.ts'
import { compileOrRefuse, type LineState, type StageRun, stageError } from './stage.ts'
import { templateFunctions } from './template-functions.ts'

/** Characters of one line or label that a template makes. */
const maxOutput = 1_000_000
const maxSteps = 100_000

interface Formatter {
  /** The text, or undefined where the template fails: the line has an error then. */
  format(state: LineState, data: StringMap): string | undefined
}

function compileFormatter(
  text: string,
  span: Span,
  { name, nowMs }: { readonly name: string; readonly nowMs: () => number },
): Formatter {
  let current: LineState | undefined
  const functions = templateFunctions({
    line: () => current?.line ?? '',
    timeNs: () => current?.timeNs ?? 0n,
    nowMs,
  })
  const template: Template = compileOrRefuse(
    () => createTemplate(text, { name, functions, missingKey: 'zero', maxOutput, maxSteps }),
    span,
  )
  return {
    format(state, data) {
      current = state
      try {
        return template.execute(data)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        state.labels.fail('TemplateFormatErr', error.message)
        return undefined
      }
    },
  }
}

export function compileLineFormat(text: string, span: Span, nowMs: () => number): StageRun {
  const formatter = compileFormatter(text, span, { name: 'line', nowMs })
  return (state) => {
    const line = formatter.format(state, new StringMap(state.labels.toMap()))
    if (line !== undefined && line !== state.line) {
      state.line = line
      state.document = undefined
    }
    return true
  }
}

export function compileLabelFormat(formats: readonly LabelFormat[], nowMs: () => number): StageRun {
  const names = new Set<string>()
  for (const { name, span } of formats) {
    if (name === errorLabel) throw stageError(`${name} cannot be formatted`, span)
    if (names.has(name)) {
      throw stageError(`multiple label name '${name}' not allowed in a single format operation`, span)
    }
    names.add(name)
  }
  const compiled = formats.map((format) =>
    format.kind === 'rename'
      ? ({ ...format, formatter: undefined } as const)
      : { ...format, formatter: compileFormatter(format.template, format.span, { name: 'label', nowMs }) },
  )
  return (state) => {
    const { labels } = state
    // templates see the labels as they were before this stage
    let data: StringMap | undefined
    for (const format of compiled) {
      if (format.formatter === undefined) {
        const value = labels.get(format.from)
        if (value === undefined) continue
        labels.set(format.name, value)
        if (format.from !== format.name) labels.delete(format.from)
        continue
      }
      data ??= new StringMap(labels.toMap())
      const value = format.formatter.format(state, data)
      if (value !== undefined) labels.set(format.name, value)
    }
    return true
  }
}
