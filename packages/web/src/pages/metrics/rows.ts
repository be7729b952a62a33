// The explorer's queries as rows that can be added, doubled, moved and removed, with what belongs to each. No React here.
import { type Search, searchText, searchTexts } from '../../data/search.ts'

/** More queries than letters fit beside one chart. */
export const maxQueries = 6
export const letterOf = (index: number): string => String.fromCharCode(65 + index)

export interface QueryRow {
  readonly query: string
  /** Not drawn. */
  readonly hidden: boolean
  /** How its series are called: text with `{{label}}`; '' is automatic. */
  readonly legend: string
  /** 1 to 10 of the palette for its first series; undefined is automatic. */
  readonly colour: number | undefined
}

/** A query that is shown, with its place among all. */
export interface AskedQuery extends QueryRow {
  readonly index: number
}

export const emptyRow: QueryRow = { query: '', hidden: false, legend: '', colour: undefined }
export const colourCount = 10

/** `q=`, `as=`, `colour=` side by side, `hide=` with letters. */
export function rowsFromSearch(search: Search): readonly QueryRow[] {
  const legends = searchTexts(search, 'as')
  const colours = searchTexts(search, 'colour')
  const hidden = searchText(search, 'hide') ?? ''
  const rows = searchTexts(search, 'q')
    .slice(0, maxQueries)
    .map((query, index): QueryRow => {
      const colour = Number(colours[index] ?? '')
      return {
        query,
        hidden: hidden.includes(letterOf(index)),
        legend: legends[index] ?? '',
        colour: Number.isInteger(colour) && colour >= 1 && colour <= colourCount ? colour : undefined,
      }
    })
  return rows.length === 0 ? [emptyRow] : rows
}

/** What is automatic stays out of the URL. */
export function searchFromRows(rows: readonly QueryRow[]): Search {
  const asked = rows.length === 1 && rows[0]?.query === '' ? [] : rows
  const texts = (of: (row: QueryRow) => string): readonly string[] | undefined => {
    const all = asked.map(of)
    const used = all.findLastIndex((text) => text !== '') + 1
    return used === 0 ? undefined : all.slice(0, used)
  }
  const hide = asked.map((row, index) => (row.hidden ? letterOf(index) : '')).join('')
  return {
    q: asked.length === 0 ? undefined : asked.map((row) => row.query),
    as: texts((row) => row.legend),
    colour: texts((row) => String(row.colour ?? '')),
    hide: hide === '' ? undefined : hide,
  }
}

/** The row `by` places further up or down; the same rows where there is no such place. */
export function movedRow(rows: readonly QueryRow[], index: number, by: -1 | 1): readonly QueryRow[] {
  const row = rows[index]
  const target = index + by
  if (row === undefined || target < 0 || target >= rows.length) return rows
  return rows.toSpliced(index, 1).toSpliced(target, 0, row)
}

/** A second row like this one, right below it. */
export function doubledRow(rows: readonly QueryRow[], index: number): readonly QueryRow[] {
  const row = rows[index]
  return row === undefined || rows.length >= maxQueries
    ? rows
    : rows.toSpliced(index + 1, 0, { ...row, colour: undefined })
}

/** The last one becomes empty instead. */
export function withoutRow(rows: readonly QueryRow[], index: number): readonly QueryRow[] {
  return rows.length === 1 ? [emptyRow] : rows.toSpliced(index, 1)
}

/** `{{job}} on {{instance}}` with a series' labels; a label that it does not have is left out. */
export function legendName(template: string, labels: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, name: string) => labels[name] ?? '').trim()
}
