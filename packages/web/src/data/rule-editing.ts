// Rules as they are written: their kinds, a text checked while it is typed, and the text that is kept meanwhile.
import { queryOptions } from '@tanstack/react-query'
import { ruleCheck, ruleKindList, writtenRules } from '@tidewatch/api/rules.ts'
import { callOurs } from './client.ts'

export const ruleKindsQuery = queryOptions({
  queryKey: ['rule-kinds'],
  queryFn: ({ signal }) => callOurs('/rule-kinds', { schema: ruleKindList, signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const writtenRulesQuery = queryOptions({
  queryKey: ['rules', 'written'],
  queryFn: ({ signal }) => callOurs('/rules', { schema: writtenRules, signal }),
})

export const ruleCheckQuery = (text: string) =>
  queryOptions({
    queryKey: ['rule-check', text],
    queryFn: ({ signal }) => callOurs('/rules/check', { method: 'POST', body: { text }, schema: ruleCheck, signal }),
    staleTime: 60_000,
    // texts are many and long
    gcTime: 10_000,
  })

const draftKey = 'tidewatch.rule-draft'
const fragmentKey = '#rule='

/** What was written last in this tab. */
export function keptDraft(): string | undefined {
  try {
    return sessionStorage.getItem(draftKey) ?? undefined
  } catch {
    // storage may be forbidden
    return undefined
  }
}

export function keepDraft(text: string): void {
  try {
    sessionStorage.setItem(draftKey, text)
  } catch {
    // forbidden or full: the text then lasts as long as the page
  }
}

/** A rule that a link carries in its fragment, which never reaches a server's log. */
export function draftFromFragment(fragment: string): string | undefined {
  if (!fragment.startsWith(fragmentKey)) return undefined
  try {
    return decodeURIComponent(fragment.slice(fragmentKey.length))
  } catch {
    // cut off on its way, in the middle of a character
    return undefined
  }
}

export const fragmentOfDraft = (text: string): string => `${fragmentKey}${encodeURIComponent(text)}`
