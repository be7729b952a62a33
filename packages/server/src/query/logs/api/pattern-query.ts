// A query that finds the lines of a template, in the language of the question.
import { type Pattern, printPattern } from '@tidewatch/log-patterns/pattern.ts'
import type { QueryText } from './sight.ts'

type Template = Pick<Pattern, 'words' | 'gaps'>

/** Phrases that a query has at most; more make it no narrower. */
const maxPhrases = 8

/** What the question asks, and what stands still in the template. */
export function queryOfPattern({ query, language }: QueryText, template: Template): string {
  if (language === 'logql') {
    // two captures side by side are one
    const pattern = printPattern(template, '<_>').replace(/(?:<_>)+/g, '<_>')
    const selector = query.trim() === '' ? '{service_name=~".+"}' : query
    return /^<_>$|^$/.test(pattern) ? selector : `${selector} |> ${JSON.stringify(pattern)}`
  }
  const phrases = phrasesOf(template).map((phrase) => `message:"${phrase.replace(/["\\]/g, '\\$&')}"`)
  if (phrases.length === 0) return query
  const and = language === 'kql' ? ' and ' : ' AND '
  return [...(query.trim() === '' ? [] : [`(${query})`]), ...phrases].join(and)
}

/** Runs of words that do not change; where no blank parts them from what does, they are left out, since the two may be one word. */
function phrasesOf({ words, gaps }: Template): string[] {
  const phrases: string[] = []
  let run = ''
  const end = (isApart: boolean): void => {
    const phrase = isApart ? run : run.replace(/\S+$/, '')
    if (/[\p{L}\p{N}]/u.test(phrase)) phrases.push(phrase.trim())
    run = ''
  }
  let isFirst = true
  words.forEach((word, i) => {
    const gap = gaps[i] ?? ''
    if (word === undefined) {
      end(/\s$/.test(gap))
      isFirst = true
    } else if (isFirst) {
      const isApart = i === 0 || /^\s/.test(gap)
      isFirst = !isApart
      run = isApart ? word : ''
    } else run += gap + word
  })
  end(true)
  return phrases.sort((a, b) => b.length - a.length).slice(0, maxPhrases)
}
