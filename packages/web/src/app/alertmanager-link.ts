// Links that people and other tools have to Alertmanager's page: `/#/alerts?filter=…`. No React here.
import type { Search } from '../data/search.ts'

export interface PageAddress {
  readonly path: string
  readonly search: Search
}

/** Where an address of Alertmanager's page leads here; undefined where it is none. The hash is without its #. */
export function alertmanagerLink(pathname: string, hash: string): PageAddress | undefined {
  if (pathname !== '/' || !hash.startsWith('/')) return undefined
  const [path = '', query = ''] = hash.split(/\?(.*)/s)
  const parameters = new URLSearchParams(query)
  const [, section, part, id] = path.split('/')
  switch (section) {
    case 'alerts':
      return { path: '/alerts', search: alertsSearch(parameters) }
    case 'silences':
      return { path: '/alerts', search: silencesSearch({ part, id }, parameters) }
    case 'status':
    case 'settings':
      return { path: '/settings', search: {} }
    default:
      return undefined
  }
}

function alertsSearch(parameters: URLSearchParams): Search {
  const matchers = splitMatchers(parameters.get('filter') ?? '')
  // Alertmanager's own page narrows by turning states off
  const isOnlyActive = parameters.get('silenced') === 'false' && parameters.get('inhibited') === 'false'
  return {
    filter: matchers.length === 0 ? undefined : matchers,
    receiver: parameters.get('receiver') ?? undefined,
    state: parameters.get('active') === 'false' ? 'suppressed' : isOnlyActive ? 'open' : undefined,
  }
}

function silencesSearch(
  { part, id }: { readonly part: string | undefined; readonly id: string | undefined },
  parameters: URLSearchParams,
): Search {
  if (part === 'new')
    return { tab: 'silences', silence: parameters.get('filter') ?? '', comment: parameters.get('comment') ?? undefined }
  if (part === 'edit') return { tab: 'silences', edit: id }
  return { tab: 'silences', edit: part === '' ? undefined : part }
}

/** `{a="1", b=~"2,3"}` as its matchers: commas in quotes do not part. */
export function splitMatchers(text: string): string[] {
  const inner = text.trim().replace(/^\{/, '').replace(/\}$/, '')
  const parts = inner.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/gs) ?? []
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
