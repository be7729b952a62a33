// Values within JavaScript.
import { AppError } from '@tidewatch/core/error.ts'
import { describe, sprint } from '../format.ts'
import { toJson } from '../go-json.ts'
import { SafeText, Time, type Value } from '../value.ts'
import { contentOf } from './plain-text.ts'

/** A value as an expression. */
export function escapeScriptValue(args: readonly Value[]): string {
  const [first] = args
  let value: Value = args.length === 1 ? first : sprint(args)
  if (first instanceof SafeText && args.length === 1) {
    if (first.type === 'template.JS') return first.text
    if (first.type === 'template.JSStr') return `"${first.text}"`
  }
  // what JSON has a form for is not described
  if (args.length === 1 && !(first instanceof Time)) value = describe(first) ?? first
  const json = jsonOf(value)
  const isWord = /^[$0-9A-Z_a-z]|[$0-9A-Z_a-z]$/.test(json)
  // spaces keep it apart from words at its sides, such as `in`
  return isWord ? ` ${json} ` : json
}

function jsonOf(value: Value): string {
  try {
    return toJson(value)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const message = error.message.replaceAll('*/', '* /').replace(/<(?=\/script|!--)/gi, '\\x3C')
    return ` /* ${message} */null `
  }
}

const always: Readonly<Record<string, string>> = {
  '\0': '\\u0000',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\u000b',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\u0022',
  '`': '\\u0060',
  '&': '\\u0026',
  "'": '\\u0027',
  '+': '\\u002b',
  '/': '\\/',
  '<': '\\u003c',
  '>': '\\u003e',
  '\\': '\\\\',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}
const inTemplate: Readonly<Record<string, string>> = { ...always, $: '\\u0024', '{': '\\u007b', '}': '\\u007d' }

/** In a string. */
export function escapeScriptString(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  // a JSStr has its escapes already
  const pattern =
    type === 'template.JSStr' ? /[\0\t\n\v\f\r"`&'+/<>\u2028\u2029]/g : /[\0\t\n\v\f\r"`&'+/<>\\\u2028\u2029]/g
  return text.replace(pattern, (c) => always[c] ?? c)
}

/** In the text of a template literal. */
export function escapeScriptTemplate(args: readonly Value[]): string {
  return contentOf(args).text.replace(/[\0\t\n\v\f\r"`&'+/<>\\${}\u2028\u2029]/g, (c) => inTemplate[c] ?? c)
}

/** In a regular expression: its special characters stand for themselves. */
export function escapeRegexp(args: readonly Value[]): string {
  const { text } = contentOf(args)
  // an empty one would begin a comment
  if (text === '') return '(?:)'
  const shown = text.replace(/[\0\t\n\v\f\r"`&'+/<>\\\u2028\u2029]|[$()*.?[\]^{|}-]/g, (c) => always[c] ?? `\\${c}`)
  return shown
}
