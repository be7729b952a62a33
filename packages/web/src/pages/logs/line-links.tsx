import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { LogLine } from '@tidewatch/api/logs.ts'
import { firingQuery } from '../../data/alerts.ts'
import { linkSearch } from '../../data/search.ts'
import { linksOf } from './links-model.ts'

/** Where the line leads. */
export function LineLinks({ line }: { readonly line: LogLine }) {
  return (
    <nav className="log-links small" aria-label="From this line">
      {linksOf(line).map(({ title, value, path, search }) => (
        <Link key={title} to={path} search={linkSearch(search)}>
          <span className="link">{title}</span>
          <span className="third cut" title={value}>
            {value}
          </span>
        </Link>
      ))}
      {line.service !== '' && <FiringLinks service={line.service} />}
    </nav>
  )
}

const mostAlerts = 3

/** Alerts that fire now and name the line's service. */
function FiringLinks({ service }: { readonly service: string }) {
  const filter = [`service=${JSON.stringify(service)}`]
  const none = undefined
  const { data } = useInfiniteQuery(firingQuery({ find: none, severity: none, state: none, receiver: none, filter }))
  const rows = (data?.pages ?? []).flatMap(({ groups }) => groups.flatMap((group) => group.rows))
  const distinct = [...new Map(rows.map((row) => [row.fingerprint, row])).values()]
  return distinct.slice(0, mostAlerts).map(({ fingerprint, name, sentence }) => (
    <Link key={fingerprint} to={`/alerts/${fingerprint}`} search={linkSearch()}>
      <span className="link cut">{name}</span>
      <span className="third cut">{sentence === '' ? 'fires now' : sentence}</span>
    </Link>
  ))
}
