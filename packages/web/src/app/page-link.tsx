import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Search } from '../data/search.ts'

interface PageLinkProps {
  readonly to: string
  readonly className?: string
  readonly title?: string
  readonly children: ReactNode
  readonly onClick?: () => void
}

/** A link to another page that takes the time range along, and nothing else of the search. */
export function PageLink({ to, children, ...rest }: PageLinkProps) {
  return (
    <Link to={to} search={keepRange as never} activeOptions={{ exact: true, includeSearch: false }} {...rest}>
      {children}
    </Link>
  )
}

function keepRange({ range, from, to, live }: Search): Search {
  return { range, from, to, live }
}
