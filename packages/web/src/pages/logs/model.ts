// What the address says of the page, and the other way round. No React here.
import { type LogLanguage, logLanguages } from '@tidewatch/api/logs.ts'
import type { Search } from '../../data/search.ts'
import { searchText } from '../../data/search.ts'
import { messageName, serviceName } from './line-model.ts'

type LogTab = 'lines' | 'patterns' | 'pipelines' | 'storage'

/** What of a line is shown. */
export type LineView = 'fields' | 'json' | 'around'

export interface LogsState {
  readonly query: string
  readonly language: LogLanguage
  readonly tab: LogTab
  /** Beside time, level and message. */
  readonly columns: readonly string[]
  readonly wrap: boolean
  /** The line whose detail is open. */
  readonly lineId: string | undefined
  readonly lineView: LineView
  /** Whether what is accepted from now on is shown as it comes. */
  readonly tail: boolean
}

const views: readonly LineView[] = ['fields', 'json', 'around']
const tabs: readonly LogTab[] = ['lines', 'patterns', 'pipelines', 'storage']
export const defaultColumns: readonly string[] = [serviceName]
const maxColumns = 12

/** `remembered`: the columns that were chosen on this device, where the address names none. */
export function logsState(search: Search, remembered: readonly string[] | undefined): LogsState {
  const language = searchText(search, 'lang')
  const columns = searchText(search, 'cols')
  return {
    query: searchText(search, 'q') ?? '',
    language: logLanguages.find((one) => one === language) ?? 'kql',
    tab: tabs.find((one) => one === searchText(search, 'tab')) ?? 'lines',
    columns: columns === undefined ? (remembered ?? defaultColumns) : columnsFromText(columns),
    wrap: searchText(search, 'wrap') === 'on',
    lineId: searchText(search, 'line'),
    lineView: views.find((one) => one === searchText(search, 'view')) ?? 'fields',
    tail: searchText(search, 'tail') !== 'off',
  }
}

export const columnsFromText = (text: string): string[] =>
  [...new Set(text.split(',').filter((name) => name !== '' && name !== messageName))].slice(0, maxColumns)

/** For the address; the language that is chosen without a word leaves it clean. */
export const searchOfQuery = (query: string, language: LogLanguage): Search => ({
  q: query === '' ? undefined : query,
  lang: language === 'kql' ? undefined : language,
  line: undefined,
})

/** The columns with one more, or without it. */
export function toggledColumn(columns: readonly string[], name: string): string[] {
  return columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name].slice(-maxColumns)
}

const columnsKey = 'tidewatch.logs.columns'

/** Columns as they were chosen last on this device. */
export function rememberedColumns(storage: Storage): string[] | undefined {
  try {
    const text = storage.getItem(columnsKey)
    return text === null ? undefined : columnsFromText(text)
  } catch {
    // storage may be forbidden
    return undefined
  }
}

export function rememberColumns(storage: Storage, columns: readonly string[]): void {
  try {
    storage.setItem(columnsKey, columns.join(','))
  } catch {
    // storage may be forbidden or full; the address still holds them
  }
}
