// What the list of alerts shows of the server's answers. No React here.
import type { AlertStanding, FiringGroup, FiringRow } from '@tidewatch/api/firing-alerts.ts'
import type { FiringQuestion } from '../../data/alerts.ts'
import type { State } from '../../ui/glyph.tsx'

export const standings: readonly AlertStanding[] = ['open', 'taken', 'suppressed']

/** Severities in the page's words, and in those of the server's scale. */
export const severityWords = {
  critical: 'critical',
  high: 'high',
  warning: 'medium',
  info: 'low',
} as const satisfies Partial<Record<State, FiringRow['severity']>>
export const severityNames = [
  'critical',
  'high',
  'warning',
  'info',
] as const satisfies readonly (keyof typeof severityWords)[]

export interface FiringFilter {
  readonly text: string
  readonly severity: keyof typeof severityWords | undefined
  readonly receiver: string | undefined
  readonly standing: AlertStanding | undefined
}

export const hasFilter = ({ text, severity, receiver, standing }: FiringFilter): boolean =>
  text.trim() !== '' || severity !== undefined || receiver !== undefined || standing !== undefined

export function questionOf(filter: FiringFilter, matchers: readonly string[]): FiringQuestion {
  const { text, severity, receiver, standing } = filter
  return {
    find: text.trim() === '' ? undefined : text.trim(),
    severity: severity === undefined ? undefined : severityWords[severity],
    ...{ state: standing, receiver, filter: matchers },
  }
}

/** Rows of one list that are drawn at most: a browser stays quick with them, and nobody reads more. */
export const maxRows = 1000

/** Groups of all pages, each once: between two pages one may have moved. */
export function joinGroups(pages: readonly { readonly groups: readonly FiringGroup[] }[]): FiringGroup[] {
  const found = new Map<string, FiringGroup>()
  for (const { groups } of pages) for (const group of groups) if (!found.has(group.id)) found.set(group.id, group)
  return [...found.values()]
}

export function joinRows(pages: readonly { readonly rows: readonly FiringRow[] }[]): FiringRow[] {
  const found = new Map<string, FiringRow>()
  for (const { rows } of pages) for (const row of rows) if (!found.has(row.fingerprint)) found.set(row.fingerprint, row)
  return [...found.values()]
}

/** What is known of an alert that was chosen, also when it is not drawn. */
export interface ChosenAlert {
  readonly fingerprint: string
  readonly labels: Readonly<Record<string, string>>
  readonly taken: boolean
}

export const chosenOf = ({ fingerprint, labels, taker }: FiringRow): ChosenAlert => ({
  ...{ fingerprint, labels, taken: taker !== undefined },
})

/** Labels that tell an alert from others of its group. */
export function restLabels(
  { labels }: Pick<FiringRow, 'labels'>,
  group: Pick<FiringGroup, 'labels'>,
): [string, string][] {
  const known = new Set(['alertname', 'severity', ...Object.keys(group.labels)])
  return Object.entries(labels).filter(([name]) => !known.has(name))
}

/** Why nobody is told of it, in a few words. */
export function heldWords({ silences, heldBy, mutedBy }: Pick<FiringRow, 'silences' | 'heldBy' | 'mutedBy'>): string {
  const parts = [
    silences === 0 ? '' : silences === 1 ? 'silenced' : `silenced by ${silences}`,
    heldBy === undefined ? '' : `held by ${heldBy}`,
    mutedBy.length > 0 ? `muted by ${mutedBy.join(', ')}` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
