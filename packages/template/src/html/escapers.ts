// The functions that are put behind pipelines, under names that no template can write.
import { sprint } from '../format.ts'
import type { FunctionTable, TemplateFunction, Value } from '../value.ts'
import { escapeAttribute, escapeRcdata, escapeText, escapeUnquoted, filterName } from './escape-markup.ts'
import { escapeRegexp, escapeScriptString, escapeScriptTemplate, escapeScriptValue } from './escape-script.ts'
import { escapeStyleText, filterStyleValue } from './escape-style.ts'
import { escapeUrl, filterSrcset, filterUrl, normalizeUrl } from './escape-url.ts'

const escaper = (call: (args: readonly Value[]) => string): TemplateFunction => ({
  params: ['any'],
  variadic: true,
  call: (...args) => call(args),
})

const table = {
  'html attribute': escaper(escapeAttribute),
  'html comment': escaper(() => ''),
  'html name': escaper(filterName),
  'html rcdata': escaper(escapeRcdata),
  'html text': escaper(escapeText),
  'html unquoted': escaper(escapeUnquoted),
  'js regexp': escaper(escapeRegexp),
  'js string': escaper(escapeScriptString),
  'js template': escaper(escapeScriptTemplate),
  'js value': escaper(escapeScriptValue),
  'css text': escaper(escapeStyleText),
  'css value': escaper(filterStyleValue),
  'url srcset': escaper(filterSrcset),
  'url escape': escaper(escapeUrl),
  'url filter': escaper(filterUrl),
  'url normalize': escaper(normalizeUrl),
  'the arguments': escaper(sprint),
}

export type EscaperName = keyof typeof table

export const escapers: FunctionTable = table
