// Prometheus's own addresses: a person who follows one of an alert or a bookmark finds what it shows.
import { isLogRule } from '@tidewatch/logquery/rule-expression.ts'
import { linesOfRule } from '@tidewatch/logquery/rule-lines.ts'
import { defineRoute, type RequestContext, type Route } from '../http/port.ts'

/** Where Prometheus's own addresses lead, as they stand in messages and bookmarks; alerts and rules have the same ones here. */
export function prometheusLinks(): Route[] {
  const explorer = ({ query }: Pick<RequestContext, 'query'>): string => {
    const asked = (query ?? {}) as Readonly<Record<string, string | readonly string[] | undefined>>
    const given = (name: string): Readonly<Record<string, string>> => {
      const value = [asked[name] ?? []].flat()[0]
      return value === undefined ? {} : { [name]: value }
    }
    const expr = [asked['g0.expr'] ?? []].flat()[0]
    if (expr === undefined) return '/explore'
    const range = { ...given('range'), ...given('from'), ...given('to') }
    if (!isLogRule(expr)) return `/explore?${new URLSearchParams({ q: expr, ...range })}`
    const { query: q, language: lang } = linesOfRule(expr)
    return `/logs?${new URLSearchParams({ q, lang, ...range })}`
  }
  const links = [
    { path: '/graph', what: 'graph page; leads to the explorer', leadsTo: explorer },
    { path: '/query', what: 'query page; leads to the explorer', leadsTo: explorer },
    { path: '/targets', what: 'targets page; leads to the sources', leadsTo: () => '/sources' },
    {
      path: '/service-discovery',
      what: 'discovery page; leads to the sources',
      leadsTo: () => '/sources?tab=discovery',
    },
  ]
  return links.map(({ path, what, leadsTo }) =>
    defineRoute({
      method: 'GET',
      path,
      permission: 'public',
      errors: 'text',
      summary: `Prometheus's address of its ${what}`,
      handle: (context) => ({ status: 302, headers: { location: leadsTo(context) } }),
    }),
  )
}
